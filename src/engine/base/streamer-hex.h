/* streamer-hex.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/** Returns: (transfer full): two digits a byte, in lower case */
char *streamer_hex_encode (const guint8 *bytes, gsize length);

G_END_DECLS
