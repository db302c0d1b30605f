/* streamer-receipt-text.c: a receipt in words
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "streamer-receipt-text.h"

#include <glib/gi18n-lib.h>

static void
line_clear (gpointer data)
{
  g_free (((StreamerReceiptLine *) data)->value);
}

/* @value: (transfer full) (nullable) */
static void
add_line (GArray *lines, const char *name, char *value)
{
  StreamerReceiptLine line = { name, value };

  if (value != NULL && *value != '\0')
    g_array_append_val (lines, line);
  else
    g_free (value);
}

/* @time: µs since the epoch, or 0. Returns: (transfer full) (nullable) */
static char *
format_time (gint64 time)
{
  g_autoptr (GDateTime) utc = NULL;
  g_autoptr (GDateTime) local = NULL;

  if (time <= 0)
    return NULL;

  utc = g_date_time_new_from_unix_utc (time / G_USEC_PER_SEC);
  local = utc != NULL ? g_date_time_to_local (utc) : NULL;

  return local != NULL ? g_date_time_format (local, "%x %X") : NULL;
}

static char *
format_size (guint64 bytes)
{
  return g_format_size_full (bytes, G_FORMAT_SIZE_LONG_FORMAT);
}

static char *
format_parts (const StreamerPlan *plan)
{
  g_autofree char *part_size = NULL;

  if (plan->n_parts <= 1)
    return NULL;

  part_size = g_format_size (plan->part_size);

  /* Translators: how many parts a file was sent in, and how big each is: "12 × 100 MB" */
  return g_strdup_printf (_ ("%'u × %s"), plan->n_parts, part_size);
}

static char *
format_crc32 (const StreamerJournalEntry *receipt)
{
  return receipt->has_crc32 ? g_strdup_printf ("%08x", receipt->crc32) : NULL;
}

GArray *
streamer_receipt_text_lines (const StreamerJournalEntry *receipt, const char *connection)
{
  GArray *lines = g_array_new (FALSE, FALSE, sizeof (StreamerReceiptLine));
  guint64 size = receipt->planned ? receipt->plan.size : receipt->identity.size;

  g_array_set_clear_func (lines, line_clear);
  add_line (lines, _ ("Size"), format_size (size));
  /* Translators: what a file is called on the server */
  add_line (lines, _ ("Name on Server"), g_strdup (receipt->key));
  add_line (lines, _ ("Server"), g_strdup (connection));
  add_line (lines, _ ("Started"), format_time (receipt->started_at));
  add_line (lines, _ ("Ended"), format_time (receipt->ended_at));
  add_line (lines, _ ("Parts"), receipt->planned ? format_parts (&receipt->plan) : NULL);
  /* Translators: attempts that failed and were made again */
  add_line (lines, _ ("Repeated Attempts"),
            receipt->retries > 0 ? g_strdup_printf ("%'u", receipt->retries) : NULL);
  add_line (lines, "CRC-32", format_crc32 (receipt));
  add_line (lines, "SHA-256", g_strdup (receipt->sha256));
  add_line (lines, "ETag", g_strdup (receipt->etag));

  return lines;
}

char *
streamer_receipt_text_join (GArray *lines)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < lines->len; i++)
    {
      const StreamerReceiptLine *line = &g_array_index (lines, StreamerReceiptLine, i);

      g_string_append_printf (text, "%s: %s\n", line->name, line->value);
    }

  return g_string_free (text, FALSE);
}
