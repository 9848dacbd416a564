/* SPDX-License-Identifier: Apache-2.0 */
/* A helper for one question. */
#include "agent/holdfast/helper.h"

#include "agent/holdfast/child.h"

enum ks_err
helper_ask(enum helper_kind kind, const struct helper_fds *fds, bool emulation,
           struct msg *msg, struct err_cause *cause)
{
    struct helper *helper = NULL;
    enum ks_err rc = helper_start(kind, fds, emulation, &helper, cause);

    if (rc == KS_OK)
        rc = helper_call(helper, msg, cause);
    helper_stop(&helper);
    return rc;
}

enum ks_err
helper_ask_undisturbed(enum helper_kind kind, const struct helper_fds *fds,
                       struct msg *msg, struct err_cause *cause)
{
    struct child_keyboard keyboard;
    struct helper *helper = NULL;
    enum ks_err rc = helper_start(kind, fds, false, &helper, cause);

    if (rc == KS_OK) {
        child_ignore_keyboard(&keyboard);
        rc = helper_wait(helper, msg, cause);
        (void)child_heed_keyboard(&keyboard);
    }
    helper_stop(&helper);
    return rc;
}
