# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A local FortiFlex for trials and tests: run it with `python -m simulator`, or from Python with `simulator.launch.start`.

Shares no code with the collection.
"""
