/* SPDX-License-Identifier: Apache-2.0 */
/* The files of the folder portal as bytes; the build writes them down. */
#ifndef VAULT_PORTAL_ASSET_H
#define VAULT_PORTAL_ASSET_H

#include <stddef.h>

extern const unsigned char portal_asset_css[];
extern const size_t portal_asset_css_length;
extern const unsigned char portal_asset_js[];
extern const size_t portal_asset_js_length;
extern const unsigned char portal_asset_svg[];
extern const size_t portal_asset_svg_length;

#endif
