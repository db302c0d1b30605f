/* streamer-transfer-state.c: the states of a transfer, as a type
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "streamer-transfer-private.h"

GType
streamer_transfer_state_get_type (void)
{
  static gsize type;
  static const GEnumValue values[] = {
    { STREAMER_TRANSFER_WAITING, "STREAMER_TRANSFER_WAITING", "waiting" },
    { STREAMER_TRANSFER_PREPARING, "STREAMER_TRANSFER_PREPARING", "preparing" },
    { STREAMER_TRANSFER_UPLOADING, "STREAMER_TRANSFER_UPLOADING", "uploading" },
    { STREAMER_TRANSFER_STALLED, "STREAMER_TRANSFER_STALLED", "stalled" },
    { STREAMER_TRANSFER_PAUSED, "STREAMER_TRANSFER_PAUSED", "paused" },
    { STREAMER_TRANSFER_NEEDS_TOKEN, "STREAMER_TRANSFER_NEEDS_TOKEN", "needs-token" },
    { STREAMER_TRANSFER_FINISHING, "STREAMER_TRANSFER_FINISHING", "finishing" },
    { STREAMER_TRANSFER_DONE, "STREAMER_TRANSFER_DONE", "done" },
    { STREAMER_TRANSFER_FAILED, "STREAMER_TRANSFER_FAILED", "failed" },
    { STREAMER_TRANSFER_CANCELLED, "STREAMER_TRANSFER_CANCELLED", "cancelled" },
    { 0, NULL, NULL },
  };

  if (g_once_init_enter (&type))
    g_once_init_leave (&type, g_enum_register_static ("StreamerTransferState", values));
  return type;
}

const char *
streamer_transfer_state_get_nick (StreamerTransferState state)
{
  g_autoptr (GEnumClass) klass = g_type_class_ref (STREAMER_TYPE_TRANSFER_STATE);

  return g_enum_get_value (klass, (int) state)->value_nick;
}
