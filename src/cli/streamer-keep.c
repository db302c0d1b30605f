/* streamer-keep.c: what a run leaves for the next one, and the command that goes on with it
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Owner's thread.
 */

#include <glib/gi18n-lib.h>

#include "streamer-keep.h"

#include "streamer-key.h"

#define COMMAND_MAX_BYTES 400

/* So many are named; without names, --resume goes on with all. */
#define MAX_IDS 8

static void
append_argument (GString *command, const char *argument)
{
  g_autofree char *quoted = NULL;

  if (strspn (argument, G_CSET_a_2_z G_CSET_A_2_Z G_CSET_DIGITS "-_./=:,@%+") ==
          strlen (argument) &&
      *argument != '\0')
    quoted = g_strdup (argument);
  else
    quoted = g_shell_quote (argument);
  g_string_append_printf (command, " %s", quoted);
}

/* Returns: (transfer full) (nullable): NULL where it is too long to be read */
static char *
quote_command (const char *const *argv)
{
  g_autoptr (GString) command = g_string_new ("s3streamer");

  for (guint i = 1; argv[i] != NULL; i++)
    append_argument (command, argv[i]);
  if (command->len > COMMAND_MAX_BYTES)
    return NULL;
  return streamer_key_display_name (command->str);
}

/* Returns: (transfer full) */
static char *
make_resume_command (const StreamerOptions *options, GPtrArray *ids)
{
  g_autoptr (GString) command = g_string_new ("s3streamer --resume");

  for (guint i = 0; ids->len <= MAX_IDS && i < ids->len; i++)
    append_argument (command, g_ptr_array_index (ids, i));
  if (options->token_file != NULL)
    {
      g_string_append (command, " --token-file");
      append_argument (command, options->token_file);
    }
  else if (options->token_stdin)
    g_string_append (command, " --token-stdin");
  if (options->api_key_file != NULL)
    {
      g_string_append (command, " --api-key-file");
      append_argument (command, options->api_key_file);
    }
  return streamer_key_display_name (command->str);
}

static gboolean
has_something_stored (StreamerTransfer *transfer)
{
  StreamerPartList *parts = streamer_transfer_get_parts (transfer);

  return (parts != NULL && streamer_part_list_count (parts, STREAMER_PART_DONE) > 0) ||
         streamer_transfer_may_be_stored (transfer);
}

/* What was refused is refused again. What the network did not let through is worth another try, and
 * so is what has parts at the server, of which the engine keeps none that are of no use any more. */
static gboolean
is_kept (StreamerRun *run, StreamerTransfer *transfer)
{
  StreamerTransferState state = streamer_transfer_get_state (transfer);
  const GError *error = streamer_transfer_get_error (transfer);

  if (run->journal == NULL || streamer_transfer_get_file (transfer) == NULL ||
      state == STREAMER_TRANSFER_DONE || state == STREAMER_TRANSFER_CANCELLED)
    return FALSE;
  if (state == STREAMER_TRANSFER_FAILED || state == STREAMER_TRANSFER_NEEDS_TOKEN)
    return has_something_stored (transfer) ||
           (error != NULL && streamer_exit_from_error (error) == STREAMER_EXIT_NETWORK);
  return run->given_up != NULL || has_something_stored (transfer);
}

void
streamer_keep_or_let_go (StreamerRun *run, StreamerTransfer *transfer)
{
  if (streamer_transfer_get_state (transfer) == STREAMER_TRANSFER_FAILED &&
      has_something_stored (transfer) && !is_kept (run, transfer))
    streamer_transfer_cancel_async (transfer, NULL, NULL);
}

static void
tell_resume (StreamerRun *run, GPtrArray *ids)
{
  g_autofree char *command = make_resume_command (run->options, ids);
  g_autofree char *advice = NULL;
  g_autofree char *text = NULL;

  /* Translators: the placeholder is a command line */
  advice = g_strdup_printf (_ ("What was sent is kept. To go on: %s"), command);
  if (run->signal_number != 0)
    /* Translators: the placeholder is a sentence that says how to go on */
    text = g_strdup_printf (_ ("Interrupted. %s"), advice);
  streamer_console_note (run->console, text != NULL ? text : advice);
}

void
streamer_keep_tell_again (StreamerRun *run)
{
  g_autofree char *command = quote_command (run->argv);
  g_autoptr (GString) text = g_string_new (_ ("Interrupted."));

  if (run->signal_number == 0)
    return;
  if (run->options->mode == STREAMER_MODE_UPLOAD)
    g_string_append_printf (text, " %s",
                            run->stop_error == NULL
                                ? _ ("Nothing unfinished is left on the server.")
                                : _ ("The server could not be told; it removes what is unfinished "
                                     "by itself."));
  g_string_append_c (text, ' ');
  if (command != NULL)
    /* Translators: the placeholder is the command line that was interrupted */
    g_string_append_printf (text, _ ("To do the rest, run it again: %s"), command);
  else
    g_string_append (text, _ ("To do the rest, run the same command again."));
  streamer_console_note (run->console, text->str);
}

/* Nobody can go on with what the journal has never heard of. */
static void
drop_unwritten (StreamerRun *run, GPtrArray *ids)
{
  for (guint i = ids->len; i > 0; i--)
    {
      g_autoptr (StreamerJournalEntry) entry =
          streamer_journal_get (run->journal, ids->pdata[i - 1], NULL);

      if (entry == NULL)
        g_ptr_array_remove_index (ids, i - 1);
    }
}

static void
tell_unread (StreamerRun *run)
{
  if (run->signal_number != 0 && run->is_unread)
    streamer_console_note (
        run->console,
        _ ("Not all files had been found yet, and those that had not are not kept. For them, run "
           "the same command again when the others are done. Without --overwrite, files that are "
           "on the server already are refused then, and stay as they are."));
}

/* What could not be stopped in time may have left something to be written. */
static void
write_journal (StreamerRun *run, GPtrArray *ids)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;

  if (streamer_journal_flush_sync (run->journal, &error))
    return;
  drop_unwritten (run, ids);
  text = g_strdup_printf (
      /* Translators: the placeholder is one or more sentences that say what is wrong */
      _ ("Warning: %s What was written before can be resumed."), error->message);
  streamer_console_note (run->console, text);
}

void
streamer_keep (StreamerRun *run, StreamerFollow *follow)
{
  g_autoptr (GPtrArray) transfers = streamer_follow_dup_transfers (follow);
  g_autoptr (GPtrArray) ids = g_ptr_array_new ();

  for (guint i = 0; i < transfers->len; i++)
    {
      StreamerTransfer *transfer = g_ptr_array_index (transfers, i);
      const char *id = streamer_transfer_get_id (transfer);

      if (is_kept (run, transfer))
        g_ptr_array_add (ids, (gpointer) id);
      else if (run->journal != NULL &&
               streamer_transfer_get_state (transfer) != STREAMER_TRANSFER_DONE)
        streamer_journal_remove (run->journal, id);
    }
  if (run->journal != NULL)
    write_journal (run, ids);
  if (ids->len > 0)
    tell_resume (run, ids);
  else
    streamer_keep_tell_again (run);
  tell_unread (run);
}
