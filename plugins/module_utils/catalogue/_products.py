# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The products that FortiFlex sells and their parameters, as a table that ``_table.py`` reads.

Private to the collection: may change at any time.

Numbers, ranges and codes are those of the official Ansible collection (2.3.0 and the documents of
2.3.1) and of the official Terraform provider (2.4.3). Where they differ, the newest one counts.

- A product begins at the margin: ``NUMBER KEY/ALIASES (KIND) OFFICIAL NAME``.
- Its parameters are below it: ``NUMBER NAME/ALIASES (TYPE, WORDS) LABEL``. The words are those of
  ``_table.py``; a range such as ``1..96`` is inclusive.
- ``-`` stands for a number that no source publishes. Aliases are the names in the official
  collection and in the provider.
- ``codes``, ``old`` and ``note`` are below their parameter: what it can be (``CODE=LABEL``, or only
  a code that is its own label), what only old configurations have, and a remark.
- ``never PARAMETER VALUE with OTHER CODES`` is a combination that the provider's documents exclude.
- A line that is indented further continues the one above.
"""

from __future__ import annotations

PRODUCTS = """
1 fortigate_vm_bundle/fortiGateBundle/FGT_VM_Bundle (vm) FortiGate Virtual Machine - Service Bundle
  1 cpus/cpu/cpu_size (int, required, 1..96) Number of CPUs
    old 2147483647=unlimited
  2 service_package/service/service_pkg (str, required) Service package
    codes FC=FortiCare Premium; UTP; ENT=Enterprise; ATP
    old UTM
  10 vdoms/vdom/vdom_num (int, default 0, 0..500) Number of VDOMs
    note the portal allows 10 with 1 CPU, 25 with 2 or 3, 50 with 4 to 7, 500 with 8 or more
  43 fortiguard_services/fortiGuardServices (list) FortiGuard services
    codes FGTAVDB=Advanced Malware Protection; FGTFAIS=AI-Based In-line Sandbox;
      FGTISSS=FortiGuard OT Security Service; FGTDLDB=FortiGuard DLP;
      FGTFGSA=FortiGuard Attack Surface Security Service; FGTFCSS=FortiConverter Service
  44 cloud_services/cloudServices (list) Cloud services
    codes FGTFAMS=FortiGate Cloud Management; FGTSWNM=SD-WAN Underlay; FGTSOCA=SOCaaS;
      FGTFAZC=FortiAnalyzer Cloud; FGTSWOS=Cloud-based Overlay-as-a-Service;
      FGTFSPA=SD-WAN Connector for FortiSASE
  45 support_service/supportService (str, default NONE) Support service
    codes NONE=None; FGTFCELU=FortiCare Elite Upgrade
2 fortimanager_vm/fortiManager/FMG_VM (vm) FortiManager Virtual Machine
  30 managed_devices/device/managed_dev (int, required, 1..100000) Number of managed devices
  9 adoms/adom/adom_num (int, required, 0..100000) Number of ADOMs
  3 managed_devices_legacy (int, deprecated) Number of managed devices (old)
    note managed_devices took its place
3 fortiweb_vm/fortiWeb/FWB_VM (vm) FortiWeb Virtual Machine - Service Bundle
  4 cpus/cpu/cpu_size (str, required) Number of CPUs
    codes 1; 2; 4; 8; 16
  5 service_package/service/service_pkg (str, required) Service package
    codes FWBSTD=Standard; FWBADV=Advanced; FWBENT=Enterprise
4 fortigate_vm_alacarte/fortiGateLCS/FGT_VM_LCS (vm) FortiGate Virtual Machine - A La Carte
      Services
  6 cpus/cpu/cpu_size (int, required, 1..96) Number of CPUs
    old 2147483647=unlimited
  7 fortiguard_services/fortiGuardServices (list) FortiGuard services
    codes IPS=Intrusion Prevention; AVDB=Advanced Malware; FURLDNS=Web, DNS & Video Filtering;
      FGSA=Security Rating; ISSS=OT Security Service; DLDB=DLP; FAIS=AI-Based InLine Sandbox
    old FURL=Web & Video Filtering; IOTH=IoT Detection
  8 support_service/supportService (str, required) Support service
    codes FC247=FortiCare Premium (24x7); ASET=FortiCare Elite
  11 vdoms/vdom/vdom_num (int, required, 0..500) Number of VDOMs
  12 cloud_services/cloudServices (list) Cloud services
    codes FAMS=FortiGate Cloud; SWNM=SD-WAN Underlay; AFAC=FortiAnalyzer Cloud with SOCaaS;
      FAZC=FortiAnalyzer Cloud; FSPA=SD-WAN Connector for FortiSASE SPA;
      SWOS=Cloud-based Overlay-as-a-Service
    old FMGC=FortiManager Cloud
5 forticlient_ems/fortiClientEMSOP/FC_EMS_OP (vm) FortiClient EMS On-Prem
  13 ztna_endpoints/ZTNA/ztna_num (int, required, 25..25000, or 0) ZTNA/VPN (number of endpoints)
  14 epp_ztna_endpoints/EPP/epp_ztna_num (int, required, 25..25000, or 0) EPP/ATP + ZTNA/VPN
      (number of endpoints)
  15 chromebooks/chromebook (int, required, 25..25000, or 0) Chromebook (number of endpoints)
  16 support_service/service (str, required) Support service
    codes FCTFC247=FortiCare Premium
  36 addons (list) Add-ons
    codes BPS=FortiCare Best Practice
7 fortianalyzer_vm/fortiAnalyzer/FAZ_VM (vm) FortiAnalyzer Virtual Machine
  21 daily_storage/storage (int, required, 5..8300, unit GB/day) Daily storage (GB)
  22 adoms/adom/adom_num (int, required, 0..1200) Number of ADOMs
  23 support_service/service (str, required) Support service
    codes FAZFC247=FortiCare Premium
  58 addons (list) Add-ons
    codes FAZISSS=OT Security Service; FAZFGSA=Attack Surface Security Service;
      FAZAISN=FortiAI Service
8 fortiportal_vm/fortiPortal/FPC_VM (vm) FortiPortal Virtual Machine
  24 managed_devices/device/managed_dev (int, required, 0..100000) Number of managed devices
9 fortiadc_vm/fortiADC/FAD_VM (vm) FortiADC Virtual Machine
  25 cpus/cpu/cpu_size (str, required) Number of CPUs
    codes 1; 2; 4; 8; 16; 32
  26 service_package/service/service_pkg (str, required) Service package
    codes FDVFC247=FortiCare Premium; FDVNET=Network Security; FDVAPP=Application Security;
      FDVAI=AI Security
    old FDVSTD=Standard; FDVADV=Advanced
10 fortisoar_vm/fortiSOAR (vm) FortiSOAR Virtual Machine
  69 service_package/service/service_pkg (str, required) Service package
    codes FSRE=Enterprise Edition; FSRM=Multi Tenant Edition - Manager;
      FSRD=Multi Tenant Edition - Tenant Node - Single User;
      FSRR=Multi Tenant Edition - Tenant Node - Multi User
  70 additional_users/licenseNum/additional_users_license (int, default 0, 0..1000) Additional
      users license
  71 addons (list) Add-ons
    codes FSRTIMS=Threat Intelligence Management
11 fortimail_vm/fortiMail (vm) FortiMail Virtual Machine
  73 cpus/cpu/cpu_size (str, required) Number of CPUs
    codes 1; 2; 4; 8; 16; 32
  74 service_package/service/service_pkg (str, required) Service package
    codes FMLBASE=Base Bundle; FMLATP=ATP Bundle
  75 addons (list) Add-ons
    codes FMLFEMS=Advanced Management; FMLFCAS=Dynamic Content Analysis;
      FMLFEOP=Cloud Email API Integration; FMLFEEC=Email Continuity
12 fortinac_vm/fortiNAC (vm) FortiNAC Virtual Machine
  77 service_package/service/service_pkg (str, required) Service package
    codes FNCPLUS=Plus; FNCPRO=Pro
  78 endpoints (int, required, 25..100000) Number of endpoints
  79 support_service/supportService (str, required) Support service
    codes FNCFC247=FortiCare Premium
101 fortigate_hardware/fortiGateHardware/FGT_HW (hardware) FortiGate Hardware
  27 model/device_model (str, required, other codes) Device model
    codes FGT40F=FortiGate 40F; FGT60F=FortiGate 60F; FGT70F=FortiGate 70F; FGT80F=FortiGate 80F;
      FG100F=FortiGate 100F; FGT60E=FortiGate 60E; FGT61F=FortiGate 61F; FG100E=FortiGate 100E;
      FG101F=FortiGate 101F; FG200E=FortiGate 200E; FG200F=FortiGate 200F; FG201F=FortiGate 201F;
      FG4H0F=FortiGate 400F; FG6H0F=FortiGate 600F; FWF40F=FortiWiFi 40F; FWF60F=FortiWiFi 60F;
      FGR60F=FortiGateRugged 60F; FR70FB=FortiGateRugged 70F; FGT81F=FortiGate 81F;
      FG101E=FortiGate 101E; FG4H1F=FortiGate 401F; FG1K0F=FortiGate 1000F; FG180F=FortiGate 1800F;
      F2K60F=FortiGate 2600F; FG3K0F=FortiGate 3000F; FG3K1F=FortiGate 3001F;
      FG3K2F=FortiGate 3200F; FG40FI=FortiGate 40F-3G4G; FW40FI=FortiWiFi 40F-3G4G;
      FWF61F=FortiWiFi 61F; FR60FI=FortiGateRugged 60F 3G4G; FGT71F=FortiGate 71F;
      FG80FP=FortiGate 80F-PoE; FG80FB=FortiGate 80F-Bypass; FG80FD=FortiGate 80F DSL;
      FWF80F=FortiWiFi 80F-2R; FW80FS=FortiWiFi 80F-2R-3G4G-DSL; FWF81F=FortiWiFi 81F 2R;
      FW81FS=FortiWiFi 81F-2R-3G4G-DSL; FW81FD=FortiWiFi 81F-2R-3G4G-PoE;
      FW81FP=FortiWiFi 81F 2R POE; FG81FP=FortiGate 81F-PoE; FGT90G=FortiGate 90G;
      FGT91G=FortiGate 91G; FG201E=FortiGate 201E; FG4H0E=FortiGate 400E;
      FG4HBE=FortiGate 400E BYPASS; FG4H1E=FortiGate 401E; FD4H1E=FortiGate 401E DC;
      FG6H0E=FortiGate 600E; FG6H1E=FortiGate 601E; FG6H1F=FortiGate 601F; FG9H0G=FortiGate 900G;
      FG9H1G=FortiGate 901G; FG1K1F=FortiGate 1001F; FG181F=FortiGate 1801F;
      FG3K7F=FortiGate 3700F; FG39E6=FortiGate 3960E; FG441F=FortiGate 4401F;
      FGR35D=FortiGateRugged 35D; FR70FM=FortiGateRugged 70F 3G4G; FG60EV=FortiGate 60E DSL;
      FG60EP=FortiGate 60E POE; FGT61E=FortiGate 61E; FGT80E=FortiGate 80E;
      FG80EP=FortiGate 80E POE; FGT81E=FortiGate 81E; FG81EP=FortiGate 81E POE;
      FGT90E=FortiGate 90E; FGT91E=FortiGate 91E; FG3H0E=FortiGate 300E; FG3H1E=FortiGate 301E;
      FG10E0=FortiGate 1100E; FD10E0=FortiGate 1100E DC; FG10E1=FortiGate 1101E;
      FD180F=FortiGate 1800F DC; FD181F=FortiGate 1801F DC; FG2K2E=FortiGate 2200E;
      FG22E1=FortiGate 2201E; FD260F=FortiGate 2600F DC; F2K61F=FortiGate 2601F;
      FD261F=FortiGate 2601F DC; FD3K0F=FortiGate 3000F DC; FD3K1F=FortiGate 3001F DC;
      FG32F1=FortiGate 3201F; FG3K3E=FortiGate 3300E; FG33E1=FortiGate 3301E;
      FG3K4E=FortiGate 3400E; FD3K4E=FortiGate 3400E DC; FG34E1=FortiGate 3401E;
      FD34E1=FortiGate 3401E DC; FG3K5F=FortiGate 3500F; FG35F1=FortiGate 3501F;
      FG3K6E=FortiGate 3600E; FD3K6E=FortiGate 3600E-DC; FG36E1=FortiGate 3601E;
      FG37F1=FortiGate 3701F; FG39E8=FortiGate 3980E; FGD398=FortiGate 3980E-DC;
      FG420F=FortiGate 4200F; FD420F=FortiGate 4200F DC; FG421F=FortiGate 4201F;
      FD421F=FortiGate 4201F DC; FG440F=FortiGate 4400F; FD440F=FortiGate 4400F DC;
      FD441F=FortiGate 4401F DC; FG480F=FortiGate 4800F; FD480F=FortiGate 4800F-DC;
      FG481F=FortiGate 4801F; FD481F=FortiGate 4801F-DC; FGT2KE=FortiGate 2000E;
      FG2K5E=FortiGate 2500E; FG120G=FortiGate 120G; FG121G=FortiGate 121G; FGT30E=FortiGate 30E;
      FG30EG=FortiGate 30E 3G4G GBL; FGT50E=FortiGate 50E; FGT51E=FortiGate 51E;
      FG60EJ=FortiGate 60E DSLJ; FG1HEF=FortiGate 100EF; F140EP=FortiGate 140E POE;
      FG5H0E=FortiGate 500E; FG5H1E=FortiGate 501E; FGD396=FortiGate 3960E-DC;
      FWF30E=FortiWiFi 30E; FWF50E=FortiWiFi 50E; FW502R=FortiWiFi 50E 2R; FWF51E=FortiWiFi 51E;
      FWF60E=FortiWiFi 60E; FW60EV=FortiWiFi 60E DSL; FW60EJ=FortiWiFi 60E DSLJ;
      FWF61E=FortiWiFi 61E; FW50GD=FortiWiFi-50G-DSL; FW50GS=FortiWiFi-50G-SFP;
      FG50GD=FortiGate-50G-DSL; FG50GS=FortiGate-50G-SFP; FG50GP=FortiGate-50G-SFP-PoE;
      FG51GP=FortiGate-51G-SFP-PoE; FG2H0G=FortiGate-200G; FG2H1G=FortiGate-201G;
      FGT30G=FortiGate-30G; FGT50G=FortiGate-50G; FG50G5=FortiGate-50G-5G; FGT51G=FortiGate-51G;
      FG51G5=FortiGate-51G-5G; FGT70G=FortiGate-70G; FGT71G=FortiGate-71G;
      FD9H0G=FortiGate-900G-DC; FD9H1G=FortiGate-901G-DC; F6KF01=FortiGate-6001F
    note the developer network has the complete list, so a code that is missing here can still be
      right
  28 service_package/service/service_pkg (str, required) Service package
    codes FGHWFC247=FortiCare Premium; FGHWFCEL=FortiCare Elite; FGHWATP=ATP; FGHWUTP=UTP;
      FGHWENT=Enterprise; FGHWFCESN=FortiCare Essential
  29 addons (list) Add-ons
    codes FGHWFCELU=FortiCare Elite Upgrade; FGHWFAMS=FortiGate Cloud Management;
      FGHWFAIS=AI-Based In-line Sandbox; FGHWSWNM=SD-WAN Underlay; FGHWDLDB=FortiGuard DLP;
      FGHWFAZC=FortiAnalyzer Cloud; FGHWSOCA=SOCaaS; FGHWMGAS=Managed FortiGate;
      FGHWSPAL=SD-WAN Connector for FortiSASE; FGHWISSS=FortiGuard OT Security Service;
      FGHWSWOS=SD-WAN Overlay-as-a-Service; FGHWAVDB=Advanced Malware Protection;
      FGHWNIDS=Intrusion Prevention; FGHWFGSA=Attack Surface Security Service;
      FGHWFURL=Web, DNS & Video Filtering; FGHWFSFG=FortiSASE Subscription;
      FGHWFCSS=FortiConverter Service
102 fortiap_hardware/fortiAPHardware/FAP_HW (hardware) FortiAP Hardware
  55 model/device_model (str, required, other codes) Device model
    codes FP23JF=FortiAP-23JF; FP221E=FortiAP-221E; FP223E=FortiAP-223E; FP231E=FortiAP-231E;
      FP231F=FortiAP-231F; FP231G=FortiAP-231G; FP233G=FortiAP-233G; FP234F=FortiAP-234F;
      FP234G=FortiAP-234G; FP431F=FortiAP-431F; FP431G=FortiAP-431G; FP432F=FortiAP-432F;
      F432FR=FortiAP-432FR; FP432G=FortiAP-432G; FP433F=FortiAP-433F; FP433G=FortiAP-433G;
      FP441K=FortiAP-441K; FP443K=FortiAP-443K; FP831F=FortiAP-831F; PU231F=FortiAP-U231F;
      PU234F=FortiAP-U234F; PU422E=FortiAP-U422EV; PU431F=FortiAP-U431F; PU432F=FortiAP-U432F;
      PU433F=FortiAP-U433F; FP222E=FortiAP-222E; FP224E=FortiAP-224E
  56 service_package/service/service_pkg (str, required) Support service
    codes FAPHWFC247=FortiCare Premium; FAPHWFCEL=FortiCare Elite
  57 addons (list) Add-ons
    codes FAPHWFSFG=FortiSASE Cloud Managed AP
103 fortiswitch_hardware/fortiSwitchHardware/FSW_HW (hardware) FortiSwitch Hardware
  53 model/device_model (str, required, other codes) Device model
    codes S108EN=FortiSwitch-108E; S108EF=FortiSwitch-108E-FPOE; S108EP=FortiSwitch-108E-POE;
      S108FN=FortiSwitch-108F; S108FF=FortiSwitch-108F-FPOE; S108FP=FortiSwitch-108F-POE;
      S124EN=FortiSwitch-124E; S124EF=FortiSwitch-124E-FPOE; S124EP=FortiSwitch-124E-POE;
      S124FN=FortiSwitch-124F; S124FF=FortiSwitch-124F-FPOE; S124FP=FortiSwitch-124F-POE;
      S148EN=FortiSwitch-148E; S148EP=FortiSwitch-148E-POE; S148FN=FortiSwitch-148F;
      S148FF=FortiSwitch-148F-FPOE; S148FP=FortiSwitch-148F-POE; S224DF=FortiSwitch-224D-FPOE;
      S224EN=FortiSwitch-224E; S224EP=FortiSwitch-224E-POE; S248DN=FortiSwitch-248D;
      S248EF=FortiSwitch-248E-FPOE; S248EP=FortiSwitch-248E-POE; S424DN=FortiSwitch-424D;
      S424DF=FortiSwitch-424D-FPOE; S424DP=FortiSwitch-424D-POE; S424EN=FortiSwitch-424E;
      S424EF=FortiSwitch-424E-FPOE; S424EI=FortiSwitch-424E-Fiber; S424EP=FortiSwitch-424E-POE;
      S448DN=FortiSwitch-448D; S448DP=FortiSwitch-448D-POE; S448EN=FortiSwitch-448E;
      S448EF=FortiSwitch-448E-FPOE; S448EP=FortiSwitch-448E-POE; S524DN=FortiSwitch-524D;
      S524DF=FortiSwitch-524D-FPOE; S548DN=FortiSwitch-548D; S548DF=FortiSwitch-548D-FPOE;
      S624FN=FortiSwitch-624F; S624FF=FortiSwitch-624F-FPOE; S648FN=FortiSwitch-648F;
      S648FF=FortiSwitch-648F-FPOE; FS1D24=FortiSwitch-1024D; FS1E24=FortiSwitch-1024E;
      FS1D48=FortiSwitch-1048D; FS1E48=FortiSwitch-1048E; FS2F48=FortiSwitch-2048F;
      FS3D32=FortiSwitch-3032D; FS3E32=FortiSwitch-3032E; S426EF=FortiSwitch-M426E-FPOE;
      ST1E24=FortiSwitch-T1024E; SR12DP=FortiSwitchRugged-112D-POE; SR24DN=FortiSwitchRugged-124D;
      SM10GF=FortiSwitch-110G-FPOE; SR16FP=FortiSwitchRugged-216F-POE;
      SR24FP=FortiSwitchRugged-424F-POE
  54 service_package/service/service_pkg (str, required) Support service
    codes FSWHWFC247=FortiCare Premium; FSWHWFCEL=FortiCare Elite
202 fortiweb_cloud_private/fortiCloudPrivate/FWBC_PRIVATE (cloud) FortiWeb Cloud - Private
  32 average_throughput/throughput (int, required, 10..10000, unit Mbps) Average throughput (Mbps)
    codes 10; 25; 50; 75; 100; 150; 200; 250; 300; 350; 400; 450; 500; 600; 700; 800; 900; 1000;
      1500; 2000; 2500; 3000; 3500; 4000; 4500; 5000; 5500; 6000; 6500; 7000; 7500; 8000; 8500;
      9000; 9500; 10000
  33 web_applications/applications (int, required, 1..5000) Number of web applications
203 fortiweb_cloud_public/fortiCloudPublic/FWBC_PUBLIC (cloud) FortiWeb Cloud - Public
  34 average_throughput/throughput (int, required, 25..10000, unit Mbps) Average throughput (Mbps)
    codes 25; 50; 75; 100; 150; 200; 250; 300; 350; 400; 450; 500; 600; 700; 800; 900; 1000; 1500;
      2000; 2500; 3000; 3500; 4000; 4500; 5000; 5500; 6000; 6500; 7000; 7500; 8000; 8500; 9000;
      9500; 10000
  35 web_applications/applications (int, required, 1..5000) Number of web applications
204 forticlient_ems_cloud/fortiClientEMSCloud/FC_EMS_CLOUD (cloud) FortiClient EMS Cloud
  37 ztna_endpoints/ZTNA/ztna_num (int, required, 25..25000, or 0) ZTNA/VPN (number of endpoints)
  38 ztna_forensics_endpoints/ZTNA_FGF/ztna_fgf_num (int, required, 25..25000, or 0) ZTNA/VPN +
      FortiGuard Forensics (number of endpoints)
  39 epp_ztna_endpoints/EPP_ZTNA/epp_ztna_num (int, required, 25..25000, or 0) EPP/ATP + ZTNA/VPN
      (number of endpoints)
  40 epp_ztna_forensics_endpoints/EPP_ZTNA_FGF/epp_ztna_fgf_num (int, required, 25..25000, or 0)
      EPP/ATP + ZTNA/VPN + FortiGuard Forensics (number of endpoints)
  41 chromebooks/chromebook (int, required, 25..25000, or 0) Chromebook (number of endpoints)
  42 addons (list) Add-ons
    codes BPS=FortiCare Best Practice
205 fortisase (cloud) FortiSASE
  48 users (int, required, 50..50000, step 25) Number of users
  49 service_package/service/service_pkg (str, required) Service package
    codes FSASESTD=Standard; FSASEADV=Advanced; FSASECOM=Comprehensive
  51 dedicated_ips/dedicatedIPs (int, default 0, 4..65534, or 0, step 4) Dedicated public IP
      addresses
    note the largest multiple of 4 in range is 65532
  - data_transfer/dataTransfer (int, default 0, 0..2500000, step 250) Data transfer
    note the unit is not published
  - on_ramp_locations_fortinet_cloud/onRampLocations_FortinetCloud (int, default 0, 0..20, only up)
      SD-WAN on-ramp locations, Fortinet cloud
    note may have kept the number of on_ramp_locations
  - on_ramp_locations_public_cloud/onRampLocations_PublicCloud (int, default 0, 0..20, only up)
      SD-WAN on-ramp locations, public cloud
  - global_region/globalRegion (str, default NONE) Global region
    codes ENABLED=Enabled; NONE=None
  - compute_regions_fortinet_cloud/computeRegion_FortinetCloud (int, default 0, 0..16, only up)
      Additional compute regions, Fortinet cloud
    note may have kept the number of compute_regions
  - compute_regions_public_cloud/computeRegion_PublicCloud (int, default 0, 0..16, only up)
      Additional compute regions, public cloud
  50 bandwidth (int, default 0, 25..10000, or 0, step 25, unit Mbps, deprecated) Bandwidth (Mbps)
    note missing from the newest list of parameters
  59 compute_regions/computeRegion/additional_compute_region (int, default 0, 0..16, only up,
      deprecated) Additional compute regions
    note split by cloud in the newest list of parameters
  72 on_ramp_locations/onRampLocations/locations (int, default 0, 0..8, only up, deprecated) SD-WAN
      on-ramp locations
    note split by cloud in the newest list of parameters
206 fortiedr (cloud) FortiEDR MSSP
  46 service_package/service/service_pkg (str, required) Service package
    codes FEDRPDR=Discover/Protect/Respond
  47 endpoints (int, 0..50000, read only) Number of endpoints
    note only an input of the price calculator
  52 addons (list) Add-ons
    codes FEDRXDR=XDR
  76 repository_storage/repoStorage (int, default 0, 0..30720, step 512, unit GB, only up)
      Repository storage
    note the unit is inferred
207 fortindr_cloud/fortiNDRCloud (cloud) FortiNDR Cloud
  60 metered_usage/meteredUsage (int, read only) Metered usage
208 fortirecon (cloud) FortiRecon
  never executives above 0 with service_package FRNEASM FRNEASMBP
  never vendors above 0 with service_package FRNEASM FRNEASMBP
  61 service_package/service/service_pkg (str, required) Service package
    codes FRNEASM=External Attack Surface Monitoring;
      FRNEASMBP=External Attack Surface Monitoring & Brand Protect;
      FRNEASMBPACI=External Attack Surface Monitoring & Brand Protect & Adversary Centric
      Intelligence
  62 monitored_assets/assets/asset_num (int, required, 200..1000000, step 50) Number of monitored
      assets
  63 networks/network_num (int, default 0, 0..100) Internal attack surface monitoring (number of
      networks)
    note the default is inferred
  64 executives/executive_num (int, default 0, 0..1000) Executive monitoring (number of executives)
    note the default is inferred
  65 vendors/vendor_num (int, default 0, 0..1000) Vendor monitoring (number of vendors)
    note the default is inferred
209 fortisiem_cloud/fortiSIEMCloud/SIEM_CLOUD (cloud) FortiSIEM Cloud
  66 compute_units/computeUnits (int, required, 10..600, step 10) Number of compute units
  67 additional_online_storage/onlineStorage (int, 500..60000, step 500, unit GB, only up)
      Additional online storage
    note the unit is inferred; left out when nobody gives it, since 0 is not in range
  68 archive_storage/archiveStorage (int, default 0, 0..60000, step 500, unit GB, only up) Archive
      storage
    note unit and default are inferred
  - region (str, required) Region
    codes RegionA; RegionB
211 fortiappsec (cloud) FortiAppSec
  never services UCWAF with waf_service_package NONE
  82 services/service_types (list) Service types
    codes UCWAF=Cloud WAF; UCGSLB=Cloud GSLB
  83 waf_service_package/WAF_services/waf_service_pkg (str, default NONE, only up) Cloud WAF
      service package
    codes NONE=None; UCWAFSTD=Standard; UCWAFADV=Advanced; UCWAFENT=Enterprise
    note the choices are in the order in which a package may be raised
  84 waf_addons/addons (list) Cloud WAF add-ons
    codes UCSOCA=SOCaaS
  85 waf_throughput/throughput (int, read only) Throughput
  86 waf_applications/applications (int, read only) Number of applications
  87 gslb_queries_per_second/qps (int, read only) Queries per second
  88 gslb_health_checks/health_checks (int, read only) Health checks
212 fortidlp (cloud) FortiDLP
  90 service_package/service/service_pkg (str, required) Service package
    codes DLPSTD=Standard; DLPENT=Enterprise; DLPENTP=Enterprise Premium
  91 endpoints (int, required, 25..100000) Number of endpoints
  92 addons (list) Add-ons
    codes BPS=Best Practice Service
    note the Best Practice Service stays on for at least 90 days once it is on
- fortimanager_cloud/fortiManagerCloud (cloud) FortiManager Cloud
  - managed_devices/devices (int, required, 3..100000) Number of devices
  - addons (list) Add-ons
    codes FMGCLDAISN=FortiAI Service
- fortiextender_hardware (hardware) FortiExtender
- fortideceptor_cloud (cloud) FortiDeceptor Cloud
"""
