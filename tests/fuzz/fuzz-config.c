/* fuzz-config.c: the server's configuration file
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A `#` as the first byte makes it the configuration of a server that remembers nothing.
 */

#include "fuzz.h"

#include <string.h>

#include "streamer-server-config.h"

static guint
count_lines (const char *text)
{
  guint n = 1;

  while ((text = strchr (text, '\n')) != NULL)
    {
      text++;
      n++;
    }
  return n;
}

static void
check_findings (GPtrArray *findings, guint n_lines)
{
  guint last = 0;

  for (guint i = 0; i < findings->len; i++)
    {
      const StreamerFinding *finding = findings->pdata[i];
      g_autofree char *text = streamer_finding_to_string (finding, "server.conf");

      g_assert_cmpuint (finding->line, >=, last);
      g_assert_cmpuint (finding->line, <=, n_lines);
      fuzz_check_shown (text, NULL);
      last = finding->line;
    }
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  FuzzInput input = { data, size };
  g_autofree char *text = fuzz_take_text (&input);
  g_auto (StreamerServerConfig) config = { 0 };
  g_autoptr (GPtrArray) findings = streamer_findings_new ();
  g_autoptr (StreamerConfigFile) file = NULL;
  gboolean ok;

  if (text == NULL)
    return -1;
  file = streamer_config_file_parse (text, findings);
  ok = streamer_server_config_read (&config, file, *text == '#', findings);
  g_assert_true (ok == (findings->len == 0));
  check_findings (findings, count_lines (text));
  if (ok)
    {
      g_assert_true (config.policy != NULL && config.address != NULL);
      g_assert_true (config.allow_remote || g_inet_address_get_is_loopback (config.address));
      g_assert_nonnull (config.storage.kind);
    }
  return 0;
}
