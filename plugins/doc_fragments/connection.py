# Copyright (c) 2026, the FlexOps maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The connection options, for all modules and plugins. Imports nothing of the collection."""

from __future__ import annotations


class ModuleDocFragment:
    """Options that every module shares, and where lookups and the inventory find them, too."""

    DOCUMENTATION = r"""
options:
  username:
    description:
      - User name of a FortiCloud IAM API user that may use FortiFlex.
      - Blanks and line breaks at the ends of a connection option do not count. In O(password) and
        in paths, only line breaks at the end do not.
      - All processes that share a O(state_dir) and an API user share one request limit. By default
        these are the processes of one user of one machine.
      - If it is not set, the environment variable E(FORTIFLEX_ACCESS_USERNAME) is used.
    type: str
  password:
    description:
      - Password of the API user. A new download of its credentials resets it.
      - If it is not set, the environment variable E(FORTIFLEX_ACCESS_PASSWORD) is used.
    type: str
  program:
    description:
      - Serial number of the FortiFlex program, such as V(ELAVMS0000000900).
      - If it is not set, the environment variable E(FORTIFLEX_PROGRAM) is used.
    type: str
  account_id:
    description:
      - FortiCloud account, by number or by one of O(account_aliases). Programs of service providers
        (MSSP) have many.
      - Without it, the account that owns the program is asked for, which costs one request.
      - If it is not set, the environment variable E(FORTIFLEX_ACCOUNT_ID) is used.
    type: str
  account_aliases:
    description:
      - Names of accounts and their numbers. Wherever an account is asked for, its name will do.
      - If it is not set, the environment variable E(FORTIFLEX_ACCOUNT_ALIASES) is used, as JSON or
        as C(acme=2000001,umbrella=2000002).
    type: dict
  allowed_accounts:
    description:
      - The only accounts that FortiFlex may be asked about or asked to change, by number or alias. A
        task that is about another one is refused
        before anything about it is sent, and C(accounts=all) leaves the others out.
      - Without it, every account that the API user sees is allowed. An empty list allows no
        account. An empty text or null is refused.
      - If it is not set, the environment variable E(FORTIFLEX_ALLOWED_ACCOUNTS) is used, separated
        by commas.
    type: list
    elements: str
  api_url:
    description:
      - Base URL of the API. A URL without V(fortiflex/v2) gets it appended.
      - Plain HTTP is refused, except to this machine.
      - If it is not set, the environment variable E(FORTIFLEX_API_URL) is used.
    type: str
    default: https://support.fortinet.com/ES/api/fortiflex/v2
  auth_url:
    description:
      - URL of the FortiCloud login.
      - Plain HTTP is refused, except to this machine.
      - If it is not set, the environment variable E(FORTIFLEX_AUTH_URL) is used.
    type: str
    default: https://customerapiauth.fortinet.com/api/v1/oauth/token/
  validate_certs:
    description:
      - Whether to check the certificates of the servers.
      - If it is not set, the environment variable E(FORTIFLEX_VALIDATE_CERTS) is used.
    type: bool
    default: true
  ca_path:
    description:
      - File of certificates in PEM format, or directory that C(openssl rehash) has prepared, with
        the authorities to trust instead of the usual ones.
      - Without it, E(REQUESTS_CA_BUNDLE) or else E(CURL_CA_BUNDLE) names them, as for every program
        that uses C(requests). C(SSL_CERT_FILE) does not count.
      - A file that is not there or holds no certificate is refused before anything is sent.
      - If it is not set, the environment variable E(FORTIFLEX_CA_PATH) is used.
    type: path
  timeout:
    description:
      - Seconds that one request may take in all. Writing requests get 10 seconds at the most.
      - If it is not set, the environment variable E(FORTIFLEX_TIMEOUT) is used.
    type: float
    default: 60.0
  quota_wait:
    description:
      - The most seconds in all that one task may wait for the request limit, or because FortiFlex
        asks it to slow down.
      - With the default, a task can wait for as long as the request limit of the hour makes it.
      - If it is not set, the environment variable E(FORTIFLEX_QUOTA_WAIT) is used.
    type: float
    default: 3600.0
  requests_per_minute:
    description:
      - The most requests in any 60 seconds, logins included. FortiFlex refuses more than 100.
      - Lower it where other machines use the same API user.
      - If it is not set, the environment variable E(FORTIFLEX_REQUESTS_PER_MINUTE) is used.
    type: int
    default: 100
  requests_per_hour:
    description:
      - The most requests in any 3,600 seconds, logins included. FortiFlex refuses more than 1,000.
      - Lower it where other machines use the same API user.
      - If it is not set, the environment variable E(FORTIFLEX_REQUESTS_PER_HOUR) is used.
    type: int
    default: 1000
  state_dir:
    description:
      - Directory on a local disk for the request limit, the bearer token, the catalogue, what
        lookups saw (license tokens among it), what event
        sources have reported, and the ledger where no other file is named. Readable by you only; C(docs/security.md) says what may be deleted.
      - The default is C(fortiflex) in the cache directory of the user (E(XDG_CACHE_HOME), else
        C(~/.cache)).
      - For a user without a home directory, such as a random user id in a container, it is
        C(fortiflex-UID) in the temporary directory, and refused there if
        anybody else may use it.
      - If it is not set, the environment variable E(FORTIFLEX_STATE_DIR) is used.
    type: path
  token_cache:
    description:
      - Whether to keep the bearer token in O(state_dir), so that runs within an hour need one login
        only.
      - If it is not set, the environment variable E(FORTIFLEX_TOKEN_CACHE) is used.
    type: bool
    default: true
  catalogue:
    description:
      - Where the products, parameters and codes come from.
      - V(auto), from the catalogue that is shipped with the collection. Only a task that is about
        something that it lacks asks FortiFlex what it
        sells, by one request whose answer is kept in O(state_dir) for a day.
      - V(live), every task asks FortiFlex, which costs one request each.
      - If FortiFlex reports none, the shipped catalogue serves, with a warning, and V(auto) does
        not ask again within an hour unless a task would fail.
      - V(snapshot), FortiFlex is never asked. What the shipped catalogue lacks can be given by
        number.
      - If it is not set, the environment variable E(FORTIFLEX_CATALOGUE) is used.
    type: str
    choices: [auto, live, snapshot]
    default: auto
"""

    PLUGINS = r"""
options:
  username:
    env:
      - name: FORTIFLEX_ACCESS_USERNAME
    vars:
      - name: fortiflex_username
    ini:
      - section: fortiflex
        key: username
  password:
    env:
      - name: FORTIFLEX_ACCESS_PASSWORD
    vars:
      - name: fortiflex_password
    ini:
      - section: fortiflex
        key: password
  program:
    env:
      - name: FORTIFLEX_PROGRAM
    vars:
      - name: fortiflex_program
    ini:
      - section: fortiflex
        key: program
  account_id:
    env:
      - name: FORTIFLEX_ACCOUNT_ID
    vars:
      - name: fortiflex_account_id
    ini:
      - section: fortiflex
        key: account_id
  account_aliases:
    type: raw
    env:
      - name: FORTIFLEX_ACCOUNT_ALIASES
    vars:
      - name: fortiflex_account_aliases
    ini:
      - section: fortiflex
        key: account_aliases
  allowed_accounts:
    env:
      - name: FORTIFLEX_ALLOWED_ACCOUNTS
    vars:
      - name: fortiflex_allowed_accounts
    ini:
      - section: fortiflex
        key: allowed_accounts
  api_url:
    env:
      - name: FORTIFLEX_API_URL
    vars:
      - name: fortiflex_api_url
    ini:
      - section: fortiflex
        key: api_url
  auth_url:
    env:
      - name: FORTIFLEX_AUTH_URL
    vars:
      - name: fortiflex_auth_url
    ini:
      - section: fortiflex
        key: auth_url
  validate_certs:
    env:
      - name: FORTIFLEX_VALIDATE_CERTS
    vars:
      - name: fortiflex_validate_certs
    ini:
      - section: fortiflex
        key: validate_certs
  ca_path:
    env:
      - name: FORTIFLEX_CA_PATH
    vars:
      - name: fortiflex_ca_path
    ini:
      - section: fortiflex
        key: ca_path
  timeout:
    env:
      - name: FORTIFLEX_TIMEOUT
    vars:
      - name: fortiflex_timeout
    ini:
      - section: fortiflex
        key: timeout
  quota_wait:
    env:
      - name: FORTIFLEX_QUOTA_WAIT
    vars:
      - name: fortiflex_quota_wait
    ini:
      - section: fortiflex
        key: quota_wait
  requests_per_minute:
    env:
      - name: FORTIFLEX_REQUESTS_PER_MINUTE
    vars:
      - name: fortiflex_requests_per_minute
    ini:
      - section: fortiflex
        key: requests_per_minute
  requests_per_hour:
    env:
      - name: FORTIFLEX_REQUESTS_PER_HOUR
    vars:
      - name: fortiflex_requests_per_hour
    ini:
      - section: fortiflex
        key: requests_per_hour
  state_dir:
    env:
      - name: FORTIFLEX_STATE_DIR
    vars:
      - name: fortiflex_state_dir
    ini:
      - section: fortiflex
        key: state_dir
  token_cache:
    env:
      - name: FORTIFLEX_TOKEN_CACHE
    vars:
      - name: fortiflex_token_cache
    ini:
      - section: fortiflex
        key: token_cache
  catalogue:
    env:
      - name: FORTIFLEX_CATALOGUE
    vars:
      - name: fortiflex_catalogue
    ini:
      - section: fortiflex
        key: catalogue
"""

    LOOKUPS = r"""
options:
  max_age:
    description:
      - How many seconds old the query of an account may be that all lookups on this machine share,
        whatever the number of their terms. It takes two requests.
      - What this machine writes to FortiFlex makes it invalid at once, and what is asked for in
        vain is queried again.
    type: float
    default: 60.0
    env:
      - name: FORTIFLEX_MAX_AGE
    vars:
      - name: fortiflex_max_age
    ini:
      - section: fortiflex
        key: max_age
"""
