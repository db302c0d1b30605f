/* fuzz-connection-record.c: a connection as the journal has it, which may be spoiled
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "fuzz.h"

#include "streamer-connection-record.h"

/* Returns: (transfer full) (nullable): what is written of what was read */
static char *
rewrite (const char *record)
{
  g_autoptr (StreamerSecrets) secrets = streamer_memory_secrets_new (NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (StreamerConnection) connection =
      streamer_connection_new_from_record (record, secrets, &error);

  fuzz_check_error (connection != NULL, error);
  if (connection == NULL)
    return NULL;
  g_assert_nonnull (streamer_connection_get_id (connection));
  return streamer_connection_to_record (connection);
}

/* What can be read has an id. */
static void
check_id (const char *record, gboolean is_readable)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *id = streamer_connection_record_get_id (record, &error);

  fuzz_check_error (id != NULL, error);
  if (is_readable)
    g_assert_true (id != NULL && *id != '\0');
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  FuzzInput input = { data, size };
  g_autofree char *text = fuzz_take_text (&input);
  g_autofree char *once = NULL;
  g_autofree char *twice = NULL;

  if (text == NULL)
    return -1;
  once = rewrite (text);
  check_id (text, once != NULL);
  if (once == NULL)
    return 0;
  g_assert_null (strchr (once, '\n'));
  check_id (once, TRUE);
  twice = rewrite (once);
  g_assert_cmpstr (once, ==, twice);
  return 0;
}
