/* streamer-dry-run.c: says what would be done, without doing it
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <glib/gi18n-lib.h>

#include "streamer-dry-run.h"

#include "streamer-error.h"
#include "streamer-exit.h"
#include "streamer-key.h"
#include "streamer-plan.h"
#include "streamer-scan.h"
#include "streamer-source.h"

typedef struct
{
  StreamerConsole *console;
  StreamerReporter *reporter;
  StreamerTarget *target; /* (owned) */
  StreamerTally tally;
  guint index;
} DryRun;

static void
tell_plan (DryRun *self, const StreamerReceipt *receipt, const StreamerPlan *plan)
{
  g_autofree char *part_size = g_format_size_full (plan->part_size, G_FORMAT_SIZE_IEC_UNITS);
  g_autofree char *size = NULL;
  g_autofree char *text = NULL;

  if (plan->size == STREAMER_SIZE_UNKNOWN)
    /* Translators: a file, its key in the bucket, the size of a part */
    text = g_strdup_printf (_ ("%s would become %s, in parts of %s."), receipt->file, receipt->key,
                            part_size);
  else
    {
      size = g_format_size (plan->size);
      text = g_strdup_printf (
          /* Translators: a file, its key in the bucket, its size, how many parts, the size of
           * a part */
          ngettext ("%s would become %s, %s in %u part of at most %s.",
                    "%s would become %s, %s in %u parts of at most %s.", plan->n_parts),
          receipt->file, receipt->key, size, plan->n_parts, part_size);
    }
  streamer_console_note (self->console, text);
}

static gboolean
make_plan (DryRun *self, StreamerReceipt *receipt, const char *name, guint64 size, GError **error)
{
  StreamerPlan plan;

  receipt->key = streamer_key_join (self->target->prefix, name, error);
  if (receipt->key == NULL ||
      !streamer_plan_init (&plan, size, self->target->part_size, &streamer_limits_s3, error))
    return FALSE;
  receipt->part_size = plan.part_size;
  if (size != STREAMER_SIZE_UNKNOWN)
    {
      receipt->size = size;
      receipt->parts = plan.n_parts;
    }
  receipt->status = g_strdup (_ ("Would be uploaded."));
  tell_plan (self, receipt, &plan);
  return TRUE;
}

/* @receipt: (transfer full). @error: (nullable) */
static void
settle (DryRun *self, StreamerReceipt *receipt, const GError *error)
{
  if (error == NULL)
    streamer_tally_add_done (&self->tally);
  else
    {
      receipt->status_code = streamer_error_get_status_code (error);
      receipt->status = g_strdup (error->message);
      streamer_console_error (self->console, receipt->file, error);
      streamer_tally_add_failed (&self->tally, error);
    }
  streamer_reporter_settle_dry_run (self->reporter, self->index++, receipt);
  streamer_receipt_free (receipt);
}

static void
on_found (StreamerScanned *found, gpointer user_data)
{
  DryRun *self = user_data;
  StreamerReceipt *receipt = g_new0 (StreamerReceipt, 1);
  g_autoptr (StreamerSource) source = NULL;
  g_autoptr (GError) error = NULL;

  receipt->id = g_strdup ("");
  receipt->file = streamer_key_display_name (found->path);
  if (found->error != NULL)
    error = g_error_copy (found->error);
  else
    source = streamer_file_source_open (found->path, &error);
  if (source != NULL)
    make_plan (self, receipt, self->target->name != NULL ? self->target->name : found->name,
               streamer_source_get_size (source), &error);
  settle (self, receipt, error);
  streamer_scanned_free (found);
}

static void
plan_pipe (DryRun *self)
{
  StreamerReceipt *receipt = g_new0 (StreamerReceipt, 1);
  g_autoptr (GError) error = NULL;

  receipt->id = g_strdup ("");
  receipt->file = g_strdup ("-");
  make_plan (self, receipt, self->target->name, STREAMER_SIZE_UNKNOWN, &error);
  settle (self, receipt, error);
}

static void
plan_item (DryRun *self, const char *item)
{
  g_autoptr (GFile) file = NULL;
  g_autofree char *path = NULL;
  g_autoptr (GError) error = NULL;
  StreamerReceipt *receipt;

  if (strcmp (item, "-") == 0)
    {
      plan_pipe (self);
      return;
    }
  file = streamer_setup_create_file (item);
  path = g_file_get_path (file);
  if (path != NULL)
    {
      streamer_scan (path, on_found, self, NULL, NULL);
      return;
    }
  receipt = g_new0 (StreamerReceipt, 1);
  receipt->id = g_strdup ("");
  receipt->file = streamer_key_display_name (item);
  error = g_error_new_literal (STREAMER_ERROR, STREAMER_ERROR_UNREADABLE,
                               _ ("The address does not name a file on this computer."));
  settle (self, receipt, error);
}

static void
plan_purge (DryRun *self, const char *path, const char *item)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *key = streamer_key_join (path, item, &error);
  g_autofree char *text = NULL;

  if (key == NULL)
    {
      g_autofree char *shown = streamer_key_display_name (item);

      streamer_console_error (self->console, shown, error);
      streamer_tally_add_failed (&self->tally, error);
      streamer_reporter_settle_purge (self->reporter, self->index++, shown,
                                      streamer_error_get_status_code (error), error->message);
      return;
    }
  /* Translators: the placeholder is a key */
  text = g_strdup_printf (_ ("%s would be removed from the server."), key);
  streamer_console_note (self->console, text);
  streamer_tally_add_done (&self->tally);
  streamer_reporter_settle_purge (self->reporter, self->index++, key, 0, _ ("Would be removed."));
}

int
streamer_dry_run (const StreamerOptions *options,
                  StreamerSetup *setup,
                  StreamerConsole *console,
                  StreamerReporter *reporter)
{
  DryRun self = { .console = console, .reporter = reporter };

  self.target = streamer_setup_create_target (setup, options);
  for (char **item = options->items; *item != NULL; item++)
    if (options->mode == STREAMER_MODE_PURGE)
      plan_purge (&self, options->path, *item);
    else
      plan_item (&self, *item);
  streamer_target_unref (self.target);
  return streamer_tally_get_exit (&self.tally);
}
