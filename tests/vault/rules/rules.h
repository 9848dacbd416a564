/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Everything a test of the vault's rules needs.  The client in this folder is
 * written from docs/protocol.md alone and shares no code with the agent or
 * with the service: a shared misreading would hide itself.
 */
#ifndef TESTS_VAULT_RULES_RULES_H
#define TESTS_VAULT_RULES_RULES_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/vault/rules/connection.h"
#include "tests/vault/rules/credential.h"
#include "tests/vault/rules/customer.h"
#include "tests/vault/rules/expect.h"
#include "tests/vault/rules/kept.h"
#include "tests/vault/rules/machine.h"
#include "tests/vault/rules/service.h"
#include "tests/vault/rules/statement.h"

/* A test whose things are released and whose clock is set right afterwards. */
#define rule(name) cmocka_unit_test_teardown(name, service_after_test)

#endif
