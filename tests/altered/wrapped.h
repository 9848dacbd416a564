/* SPDX-License-Identifier: Apache-2.0 */
/* The functions of holdfast-net that its altered versions put themselves
 * around, by the linker's --wrap. */
#ifndef TESTS_WRAPPED_H
#define TESTS_WRAPPED_H

#include "agent/net/vault.h"

enum ks_err __real_vault_client_authorities(struct vault_client *client,
                                            STACK_OF(X509) * *ret,
                                            struct err_cause *cause);
enum ks_err __wrap_vault_client_authorities(struct vault_client *client,
                                            STACK_OF(X509) * *ret,
                                            struct err_cause *cause);
enum ks_err __real_vault_client_enrol(struct vault_client *client,
                                      const char *token,
                                      const struct layout_net_enrol *enrol,
                                      X509 **ret, struct err_cause *cause);
enum ks_err __wrap_vault_client_enrol(struct vault_client *client,
                                      const char *token,
                                      const struct layout_net_enrol *enrol,
                                      X509 **ret, struct err_cause *cause);

enum ks_err __real_vault_client_nonce(struct vault_client *client,
                                      const char *token,
                                      const struct layout_net_nonce *request,
                                      struct vault_nonce *ret,
                                      struct err_cause *cause);
enum ks_err __wrap_vault_client_nonce(struct vault_client *client,
                                      const char *token,
                                      const struct layout_net_nonce *request,
                                      struct vault_nonce *ret,
                                      struct err_cause *cause);

enum ks_err __real_vault_client_leave(struct vault_client *client,
                                      struct err_cause *cause);
enum ks_err __wrap_vault_client_leave(struct vault_client *client,
                                      struct err_cause *cause);

enum ks_err __real_vault_client_self(struct vault_client *client,
                                     struct layout_net_self_answer *ret,
                                     struct err_cause *cause);
enum ks_err __wrap_vault_client_self(struct vault_client *client,
                                     struct layout_net_self_answer *ret,
                                     struct err_cause *cause);

#endif
