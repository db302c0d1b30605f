/* streamer-token-dialog.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <adwaita.h>

#include "streamer-connection.h"

G_BEGIN_DECLS

#define STREAMER_TYPE_TOKEN_DIALOG (streamer_token_dialog_get_type ())
G_DECLARE_FINAL_TYPE (StreamerTokenDialog,
                      streamer_token_dialog,
                      STREAMER,
                      TOKEN_DIALOG,
                      AdwMessageDialog)

/**
 * streamer_token_dialog_ask_async:
 * @parent: (nullable): the window on which it is modal
 * @connection: the server that wants a token, or the bucket that refuses the keys
 * @reason: (nullable): why, as a whole sentence; plain text
 *
 * Asks for the token of @connection and stores it among the connection's secrets; of a bucket, for
 * the access key, which @connection remembers, and the secret key.
 */
void streamer_token_dialog_ask_async (GtkWindow *parent,
                                      StreamerConnection *connection,
                                      const char *reason,
                                      GCancellable *cancellable,
                                      GAsyncReadyCallback callback,
                                      gpointer user_data);

/**
 * streamer_token_dialog_ask_finish:
 * @kept: (out) (optional): TRUE where the token survives this run; where it is FALSE, say so
 *
 * Returns: FALSE with G_IO_ERROR_CANCELLED where the dialog was closed without a token, or with
 *   what the keyring said
 */
gboolean streamer_token_dialog_ask_finish (GAsyncResult *result, gboolean *kept, GError **error);

G_END_DECLS
