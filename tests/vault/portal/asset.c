/* SPDX-License-Identifier: Apache-2.0 */
/* Sheet, script and mark, built into vaultd from the folder portal. */
#include "tests/vault/portal/asset.h"

#include <stdlib.h>
#include <string.h>

#include "tests/vault/portal/portal.h"

static void
answer(struct exchange *exchange, const char *type, const unsigned char *bytes,
       size_t length)
{
    exchange_text(exchange, 200, type, strndup((const char *)bytes, length));
    exchange_add(exchange, "X-Content-Type-Options", "nosniff");
    exchange_add(exchange, "Cross-Origin-Resource-Policy", "same-origin");
}

void
portal_css(struct exchange *exchange)
{
    answer(exchange, "text/css; charset=utf-8", portal_asset_css,
           portal_asset_css_length);
}

void
portal_js(struct exchange *exchange)
{
    answer(exchange, "text/javascript; charset=utf-8", portal_asset_js,
           portal_asset_js_length);
}

void
portal_svg(struct exchange *exchange)
{
    answer(exchange, "image/svg+xml", portal_asset_svg,
           portal_asset_svg_length);
}
