/* streamer-address.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * StreamerAddressCheck:
 * @STREAMER_ADDRESS_EMPTY: nothing was typed
 * @STREAMER_ADDRESS_GOOD: can be used
 * @STREAMER_ADDRESS_OPEN: can be used, but everybody on the way can read along
 * @STREAMER_ADDRESS_BAD: cannot be used
 */
typedef enum
{
  STREAMER_ADDRESS_EMPTY,
  STREAMER_ADDRESS_GOOD,
  STREAMER_ADDRESS_OPEN,
  STREAMER_ADDRESS_BAD,
} StreamerAddressCheck;

/**
 * streamer_address_check:
 * @text: what the user typed as the web address of a server
 * @sentence: (out) (transfer none): what to say about it; NULL where nothing needs saying
 */
StreamerAddressCheck streamer_address_check (const char *text, const char **sentence);

/** Returns: (transfer full) (nullable): the host in @text, where it has one */
char *streamer_address_get_host (const char *text);

G_END_DECLS
