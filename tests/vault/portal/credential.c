/* SPDX-License-Identifier: Apache-2.0 */
/* M0.  The file goes out once, in the answer to the form; the page that tells
 * its facts is another one, which knows the certificate alone. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <openssl/x509.h>

#include "tests/vault/service/credential.h"
#include "tests/vault/service/credential_file.h"
#include "tests/vault/service/credential_maker.h"
#include "tests/vault/service/lever.h"
#include "tests/vault/service/store.h"
#include "tests/vault/portal/portal.h"
#include "tests/vault/portal/page_credential.h"
#include "tests/vault/portal/session.h"

#define KIND_DEFAULT "RSA-2048"
#define DAYS "2" /* of the certificate; the file has no more (M0) */

void
portal_credentials(struct exchange *exchange)
{
    struct person_session session;
    struct vault vault;

    if (portal_session_need(exchange, &session) &&
        portal_session_need_vault(exchange, &vault))
        portal_session_page(exchange, 200,
                            portal_page_credentials(exchange->service->store,
                                                    &vault, &session,
                                                    exchange->now));
}

static int64_t
days(struct exchange *exchange)
{
    char text[16] = DAYS;

    (void)store_get(exchange->service->store, LEVER_DAYS, text, sizeof text);
    return strtoll(text, NULL, 10);
}

/* A page asks for MACHINES alone; vaultctl, which has no page, for KEY, too. */
static bool
read_order(const struct form *form, struct credential_order *order,
           bool *ret_one)
{
    static const char *const kinds[][2] = {{"rsa2048", KIND_DEFAULT},
                                           {"rsa3072", "RSA-3072"},
                                           {"rsa4096", "RSA-4096"},
                                           {"p256", "P-256"},
                                           {"p384", "P-384"}};
    const char *machines = form_get(form, "machines");
    const char *key = form_get(form, "key");

    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (strcmp(key != NULL ? key : kinds[0][0], kinds[i][0]) == 0)
            order->kind = kinds[i][1];
    if (machines == NULL || order->kind == NULL)
        return false;
    *ret_one = strcmp(machines, "one") == 0;
    return *ret_one || strcmp(machines, "several") == 0;
}

/* REPLACES as struct credential has it. */
static void
give_file(struct exchange *exchange, const struct credential_order *order,
          bool one_machine, const char *replaces)
{
    struct credential credential = {
        .one_machine = one_machine, .made = order->now, .vault = *order->vault};
    char name[CREDENTIAL_FILE_NAME_MAX];
    int fd;

    (void)strcpy(credential.replaces, replaces);
    credential.certificate = credential_maker_run(order, &fd);
    if (credential.certificate == NULL ||
        !credential_make(exchange->service->store, &credential)) {
        if (credential.certificate != NULL)
            (void)close(fd);
        exchange_fault(exchange);
    } else {
        credential_file_name(order->vault, order->now, name);
        exchange_file(exchange, 200, fd, 0, lseek(fd, 0, SEEK_END));
        exchange_add(exchange, "Content-Type", "application/octet-stream");
        exchange_add(exchange, "Content-Disposition",
                     "attachment; filename=\"%s\"", name);
        exchange_add(exchange, "X-Content-Type-Options", "nosniff");
    }
    credential_clear(&credential);
}

void
portal_download(struct exchange *exchange)
{
    struct person_session session;
    struct vault vault;
    struct form form = {0};
    struct credential_order order = {.service = exchange->service,
                                     .vault = &vault,
                                     .now = exchange->now,
                                     .days = days(exchange)};
    bool one_machine;

    (void)strcpy(exchange->record.vault, exchange->vault);
    if (portal_session_need_form(exchange, &session, &form) &&
        portal_session_need_vault(exchange, &vault)) {
        if (read_order(&form, &order, &one_machine))
            give_file(exchange, &order, one_machine, "");
        else
            portal_session_refuse(exchange, 400,
                                  "Choose one machine or several.");
    }
    form_clear(&form);
}

/* For the one machine that takes another's place. */
void
portal_replace(struct exchange *exchange)
{
    struct person_session session;
    struct vault vault;
    struct machine machine = {0};
    struct form form = {0};
    struct credential_order order = {.service = exchange->service,
                                     .vault = &vault,
                                     .kind = KIND_DEFAULT,
                                     .now = exchange->now,
                                     .days = days(exchange)};

    (void)strcpy(exchange->record.vault, exchange->vault);
    if (portal_session_need_form(exchange, &session, &form) &&
        portal_session_need_machine(exchange, &vault, &machine)) {
        if (machine.state == MACHINE_REPLACED)
            portal_session_refuse(
                exchange, 409,
                "Another machine has its place already. Replace that "
                "one.");
        else
            give_file(exchange, &order, true, machine.uuid);
    }
    machine_clear(&machine);
    form_clear(&form);
}
