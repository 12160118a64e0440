# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Vault texts with the vault passwords of the run: the filter ``ansible.builtin.vault`` wants the password itself, which no playbook should hold."""

from __future__ import annotations

DOCUMENTATION = r"""
name: flex_vaulted
short_description: Vault a text with a vault password of the run
version_added: 1.0.0
description:
  - Vaults texts with a password that C(--vault-password-file), C(--vault-id), C(--ask-vault-pass) or the configuration of Ansible gave to the run.
  - Each time gives another text, so compare what is inside before you write it anew.
options:
  _terms:
    description: The texts to vault.
    type: list
    elements: str
    required: true
  vault_id:
    description: Vault ID of the password to use. Without it, the first one of the run.
    type: str
seealso:
  - plugin: ansible.builtin.unvault
    plugin_type: lookup
author:
  - FlexOps maintainers (@flexops)
"""

EXAMPLES = r"""
- name: Write a vaulted file of variables
  ansible.builtin.copy:
    content: "{{ lookup('flexops.fortiflex.flex_vaulted', text) }}"
    dest: credentials.yml
    mode: "0600"
    decrypt: false
  no_log: true
  vars:
    text: "{{ '' | flexops.fortiflex.flex_credentials(new_username, new_password) }}"
"""

RETURN = r"""
_raw:
  description: The vaulted texts.
  type: list
  elements: str
"""

from typing import Any

from ansible.errors import AnsibleLookupError
from ansible.module_utils.common.text.converters import to_bytes, to_text
from ansible.parsing.vault import AnsibleVaultError, VaultLib, match_encrypt_secret
from ansible.plugins.lookup import LookupBase

from ..module_utils.escapes import visible


class LookupModule(LookupBase):
    """The lookup."""

    def run(
        self, terms: list[str], variables: dict[str, Any] | None = None, **kwargs: Any
    ) -> list[str]:
        """The vaulted texts."""
        self.set_options(var_options=variables, direct=kwargs)
        wanted = self.get_option("vault_id") or None
        passwords = self._loader._vault.secrets  # pylint: disable=protected-access  # nothing public has them in every supported ansible-core
        if not passwords:
            raise AnsibleLookupError(
                "flex_vaulted: the run has no vault password; give it one, such as by --vault-password-file"
            )
        try:
            vault_id, password = match_encrypt_secret(passwords, encrypt_vault_id=wanted)
        except AnsibleVaultError:
            known = ", ".join(str(name) for name, _password in passwords)
            raise AnsibleLookupError(
                visible(
                    f"flex_vaulted: the run has no vault password of vault ID '{wanted}', but of {known}"
                )
            ) from None
        # A file with the ID "default" has no ID in its header, as ansible-vault writes it.
        header = None if vault_id == "default" else vault_id
        return [
            to_text(VaultLib(passwords).encrypt(to_bytes(term), secret=password, vault_id=header))
            for term in terms
        ]
