# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""All that goes to FortiFlex and comes back, and what the processes of one machine share for it: login, request budget, looks, audit trail."""
