# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is made from the code: pages of docs/, and parts of pages and of the documentation of modules. `make docs` writes it, a test fails if it is stale."""
