/* streamer-leftovers.c: what a bucket has unfinished, also what no journal knows
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Owner's thread.
 */

#include <glib/gi18n-lib.h>

#include "streamer-leftovers.h"

#include "streamer-error.h"
#include "streamer-key.h"
#include "streamer-list.h"
#include "streamer-table.h"

typedef struct
{
  StreamerRun *run;
  GPtrArray *found; /* (owned) (nullable) (element-type StreamerLeftover) */
  guint n_under_way;
} Leftovers;

typedef struct
{
  Leftovers *leftovers;
  guint index;
  char *key;       /* (owned) (nullable) */
  char *upload_id; /* (owned) */
} Job;

static void
job_free (Job *job)
{
  g_free (job->key);
  g_free (job->upload_id);
  g_free (job);
}

static void
on_listed (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Leftovers *self = user_data;
  StreamerRun *run = self->run;
  g_autoptr (GError) error = NULL;

  self->found = streamer_janitor_list_finish (STREAMER_JANITOR (source), result, &error);
  if (error != NULL)
    {
      if (run->given_up == NULL)
        streamer_console_error (run->console, NULL, error);
      streamer_tally_add_failed (&run->tally, error);
    }
  self->n_under_way--;
}

/* A signal ends it early, as everything that is under way. */
static void
find (Leftovers *self)
{
  StreamerRun *run = self->run;

  self->n_under_way++;
  streamer_janitor_list_async (streamer_queue_get_janitor (run->queue), run->setup.connection,
                               run->cancellable, on_listed, self);
  while (self->n_under_way > 0)
    g_main_context_iteration (NULL, TRUE);
}

static char **
make_row (const StreamerLeftover *leftover)
{
  char **row = g_new0 (char *, 7);

  row[0] = streamer_table_format_time (leftover->began_at);
  row[1] = g_format_size (leftover->size);
  row[2] = g_strdup_printf ("%u", leftover->n_parts);
  row[3] = g_strdup (leftover->transfer_id != NULL ? leftover->transfer_id
                     /* Translators: of an unfinished upload that a bucket has: one of ours that is
                      * given up, or one that nobody here knows */
                     : leftover->record > 0 ? _ ("given up")
                                            : _ ("unknown"));
  row[4] = streamer_key_display_name (leftover->key);
  row[5] = g_strdup (leftover->upload_id);
  return row;
}

static JsonNode *
make_object (const StreamerLeftover *leftover)
{
  JsonNode *node = json_node_new (JSON_NODE_OBJECT);
  JsonObject *object = json_object_new ();

  json_object_set_string_member (object, "key", leftover->key);
  json_object_set_int_member (object, "size", (gint64) leftover->size);
  json_object_set_int_member (object, "parts", leftover->n_parts);
  if (leftover->transfer_id != NULL)
    json_object_set_string_member (object, "id", leftover->transfer_id);
  else
    json_object_set_null_member (object, "id");
  json_object_set_boolean_member (object, "ours", leftover->record > 0);
  streamer_list_set_time (object, "created_at", leftover->began_at);
  json_object_set_string_member (object, "upload_id", leftover->upload_id);
  json_node_take_object (node, object);
  return node;
}

static char **
make_header (void)
{
  /* Translators: the titles of columns, of a list of unfinished uploads that a bucket has */
  const char *const titles[] = { _ ("BEGAN"), _ ("SIZE"),      _ ("PARTS"), _ ("OURS"),
                                 _ ("KEY"),   _ ("UPLOAD ID"), NULL };

  return g_strdupv ((char **) titles);
}

void
streamer_leftovers_list (StreamerRun *run)
{
  Leftovers self = { .run = run };
  g_autoptr (GPtrArray) rows = g_ptr_array_new_with_free_func ((GDestroyNotify) g_strfreev);
  g_autoptr (GPtrArray) objects = g_ptr_array_new_with_free_func ((GDestroyNotify) json_node_unref);

  find (&self);
  if (self.found == NULL)
    return;
  for (guint i = 0; i < self.found->len; i++)
    {
      g_ptr_array_add (rows, make_row (self.found->pdata[i]));
      g_ptr_array_add (objects, make_object (self.found->pdata[i]));
    }
  if (self.found->len == 0)
    streamer_console_note (run->console, _ ("Nothing unfinished is in the bucket."));
  streamer_list_print (run, make_header (), rows, objects);
  g_ptr_array_unref (self.found);
}

/* @error: (nullable) */
static void
settle (Job *job, const GError *error)
{
  StreamerRun *run = job->leftovers->run;
  g_autoptr (JsonNode) node = json_node_new (JSON_NODE_OBJECT);
  JsonObject *object = json_object_new ();
  const char *status = error != NULL ? error->message : _ ("Aborted.");

  if (error != NULL)
    {
      if (job->key == NULL)
        streamer_console_complain (run->console, job->upload_id, error);
      else
        streamer_console_error (run->console, job->upload_id, error);
      streamer_tally_add_failed (&run->tally, error);
    }
  else
    {
      /* Translators: the placeholders are an upload id and a key */
      g_autofree char *text = g_strdup_printf (_ ("%s: The upload of %s is aborted, and its parts "
                                                  "are removed."),
                                               job->upload_id, job->key);

      streamer_console_note (run->console, text);
      streamer_tally_add_done (&run->tally);
    }
  if (job->key != NULL)
    json_object_set_string_member (object, "key", job->key);
  else
    json_object_set_null_member (object, "key");
  json_object_set_int_member (object, "status_code",
                              error != NULL ? streamer_error_get_status_code (error) : 200);
  json_object_set_string_member (object, "status", status);
  json_object_set_string_member (object, "upload_id", job->upload_id);
  json_node_take_object (node, object);
  streamer_reporter_settle_object (run->reporter, job->index, error != NULL ? "failed" : "done",
                                   node, NULL);
}

static void
on_aborted (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Job *job = user_data;
  g_autoptr (GError) error = NULL;

  streamer_janitor_abort_finish (STREAMER_JANITOR (source), result, &error);
  settle (job, error);
  job->leftovers->n_under_way--;
  job_free (job);
}

/* Returns: (transfer none) (nullable): the one whose upload id is or begins with @text */
static const StreamerLeftover *
match (GPtrArray *found, const char *text, GError **error)
{
  const StreamerLeftover *matched = NULL;
  guint n_matches = 0;

  for (guint i = 0; i < found->len; i++)
    {
      const StreamerLeftover *leftover = found->pdata[i];

      if (g_str_equal (leftover->upload_id, text))
        return leftover;
      if (!g_str_has_prefix (leftover->upload_id, text))
        continue;
      matched = leftover;
      n_matches++;
    }
  if (n_matches > 1)
    g_set_error_literal (error, STREAMER_ERROR, STREAMER_ERROR_INVALID,
                         _ ("Several upload ids of the bucket begin so. Write more of it."));
  else if (n_matches == 0)
    g_set_error_literal (error, STREAMER_ERROR, STREAMER_ERROR_NOT_FOUND,
                         _ ("The bucket has no unfinished upload with this id, or another process "
                            "works on it."));
  return n_matches == 1 ? matched : NULL;
}

static void
abort_one (Leftovers *self, guint index, const char *text)
{
  StreamerRun *run = self->run;
  g_autoptr (GError) error = NULL;
  const StreamerLeftover *leftover = match (self->found, text, &error);
  Job *job = g_new0 (Job, 1);

  job->leftovers = self;
  job->index = index;
  if (leftover == NULL)
    {
      job->upload_id = streamer_key_display_name (text);
      settle (job, error);
      job_free (job);
      return;
    }
  job->key = streamer_key_display_name (leftover->key);
  job->upload_id = g_strdup (leftover->upload_id);
  self->n_under_way++;
  streamer_janitor_abort_async (streamer_queue_get_janitor (run->queue), leftover, run->cancellable,
                                on_aborted, job);
}

void
streamer_leftovers_abort (StreamerRun *run)
{
  Leftovers self = { .run = run };

  find (&self);
  if (self.found == NULL)
    return;
  for (guint i = 0; run->options->items[i] != NULL; i++)
    abort_one (&self, i, run->options->items[i]);
  while (self.n_under_way > 0)
    g_main_context_iteration (NULL, TRUE);
  g_ptr_array_unref (self.found);
}
