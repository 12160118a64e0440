# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What AWX would make of the data that awx_setup applies: its rules, and a stand-in for its REST API. Uses nothing of the collection's code, nor of AWX's."""
