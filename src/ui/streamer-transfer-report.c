/* streamer-transfer-report.c: a transfer for somebody who helps
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "streamer-transfer-report.h"

#include "streamer-config.h"

#include "streamer-error.h"

static void
add_line (GString *report, const char *name, const char *value)
{
  if (value != NULL && *value != '\0')
    g_string_append_printf (report, "%s: %s\n", name, value);
}

static const char *
get_state_nick (StreamerTransferState state)
{
  g_autoptr (GEnumClass) klass = g_type_class_ref (STREAMER_TYPE_TRANSFER_STATE);
  GEnumValue *value = g_enum_get_value (klass, (int) state);

  return value != NULL ? value->value_nick : NULL;
}

char *
streamer_transfer_report (StreamerTransfer *transfer)
{
  StreamerTarget *target;
  const GError *error;
  GString *report;

  g_return_val_if_fail (STREAMER_IS_TRANSFER (transfer), NULL);

  target = streamer_transfer_get_target (transfer);
  error = streamer_transfer_get_error (transfer);
  report = g_string_new (NULL);

  add_line (report, "program", "S3Streamer " STREAMER_VERSION);
  add_line (report, "transfer", streamer_transfer_get_id (transfer));
  add_line (report, "file", streamer_transfer_get_name (transfer));
  add_line (report, "key", streamer_transfer_get_key (transfer));
  if (target != NULL)
    add_line (report, "connection", streamer_connection_get_name (target->connection));
  add_line (report, "state", get_state_nick (streamer_transfer_get_state (transfer)));
  g_string_append_printf (report, "bytes: %" G_GUINT64_FORMAT " of %" G_GUINT64_FORMAT "\n",
                          streamer_transfer_get_sent (transfer),
                          streamer_transfer_get_size (transfer));
  g_string_append_printf (report, "parts: %u of %" G_GUINT64_FORMAT " bytes\n",
                          streamer_transfer_get_n_parts (transfer),
                          streamer_transfer_get_part_size (transfer));
  if (error != NULL)
    {
      g_string_append_printf (report, "status code: %u\n", streamer_error_get_status_code (error));
      add_line (report, "error", error->message);
      add_line (report, "request id", streamer_error_get_request_id (error));
    }

  return g_string_free (report, FALSE);
}
