/* SPDX-License-Identifier: Apache-2.0 */
/* The end is read from the certificate each time: a second record of it could
 * be another. */
#include "agent/holdfast/report/lifetime.h"

#include <stdio.h>

#include "agent/holdfast/state/pem.h"
#include "keystore/base/time_text.h"

#define DAY (24 * 60 * 60)

bool
lifetime_end(const struct state *state, time_t *ret)
{
    X509 *certificate = pem_certificate(state, STATE_MACHINE_CERTIFICATE);
    struct tm parts;
    bool found = certificate != NULL &&
                 ASN1_TIME_to_tm(X509_get0_notAfter(certificate), &parts) == 1;

    if (found)
        *ret = timegm(&parts);
    X509_free(certificate);
    return found;
}

void
lifetime_warn(const struct state *state)
{
    time_t now = time(NULL), end;
    char text[TIME_TEXT_SIZE];

    if (state_number(state, STATE_LEFT) != 0 || !lifetime_end(state, &end) ||
        end - now > LIFETIME_WARNING_DAYS * (time_t)DAY)
        return;
    time_text(end, text);
    if (end <= now)
        (void)fprintf(stderr,
                      "holdfast: warning: by this machine's clock the "
                      "machine's certificate has ended, on %s\n",
                      text);
    else
        (void)fprintf(
            stderr,
            "holdfast: warning: the machine's certificate ends on "
            "%s (days left: %ld); choose Replace on the machine's page "
            "in the portal before, then 'holdfast unregister "
            "--offline', and register with that file\n",
            text, (long)((end - now) / DAY));
}
