/* streamer-reporter.c: links and JSON on standard output, in the order in which files were given
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "streamer-reporter.h"

#include "streamer-json.h"
#include "streamer-plan.h"

struct _StreamerReporter
{
  FILE *out;
  StreamerOutput output;
  gboolean failed;

  GPtrArray *texts; /* (owned) (element-type utf8): by index; NULL for what is not over */
  guint next;       /* the first that is not printed */
};

static void
print (StreamerReporter *self, const char *text)
{
  if (*text == '\0')
    return;
  if (fputs (text, self->out) == EOF || fflush (self->out) == EOF)
    self->failed = TRUE;
}

static char *
make_line (JsonObject *object)
{
  g_autoptr (JsonNode) node = json_node_init_object (json_node_alloc (), object);
  g_autofree char *text = streamer_json_to_string (node);

  return g_strconcat (text, "\n", NULL);
}

/* What kind of line it is comes first, so that a reader need not look further. */
static JsonObject *
create_object (StreamerReporter *self, const char *event)
{
  JsonObject *object = json_object_new ();

  if (self->output == STREAMER_OUTPUT_JSON_STREAM)
    json_object_set_string_member (object, "event", event);
  return object;
}

/* @text: (transfer full) */
static void
settle (StreamerReporter *self, guint index, char *text)
{
  if (index >= self->texts->len)
    g_ptr_array_set_size (self->texts, index + 1);
  g_ptr_array_index (self->texts, index) = text;
  while (self->next < self->texts->len && g_ptr_array_index (self->texts, self->next) != NULL)
    {
      char **slot = (char **) &g_ptr_array_index (self->texts, self->next);

      print (self, *slot);
      g_free (*slot);
      *slot = NULL;
      self->next++;
    }
}

static char *
describe_node (StreamerReporter *self, const char *event, JsonNode *node)
{
  g_autoptr (JsonObject) object = create_object (self, event);
  JsonObject *members = json_node_get_object (node);
  JsonObjectIter iter;
  const char *name;
  JsonNode *value;

  json_object_iter_init_ordered (&iter, members);
  while (json_object_iter_next_ordered (&iter, &name, &value))
    json_object_set_member (object, name, json_node_copy (value));
  return make_line (object);
}

static char *
describe (StreamerReporter *self, const char *event, const StreamerReceipt *receipt)
{
  g_autoptr (JsonNode) node = streamer_receipt_to_json (receipt);

  return describe_node (self, event, node);
}

StreamerReporter *
streamer_reporter_new (FILE *out, StreamerOutput output)
{
  StreamerReporter *self = g_new0 (StreamerReporter, 1);

  self->out = out;
  self->output = output;
  self->texts = g_ptr_array_new_with_free_func (g_free);
  return self;
}

void
streamer_reporter_free (StreamerReporter *self)
{
  g_ptr_array_unref (self->texts);
  g_free (self);
}

void
streamer_reporter_settle (StreamerReporter *self, guint index, const StreamerReceipt *receipt)
{
  gboolean done = receipt->status_code == 200;

  if (self->output != STREAMER_OUTPUT_LINKS)
    settle (self, index, describe (self, done ? "done" : "failed", receipt));
  else if (done)
    settle (self, index,
            g_strconcat (receipt->url != NULL ? receipt->url : receipt->key, "\n", NULL));
  else
    settle (self, index, g_strdup (""));
}

void
streamer_reporter_settle_purge (StreamerReporter *self,
                                guint index,
                                const char *key,
                                guint status_code,
                                const char *status)
{
  g_autoptr (JsonObject) object = create_object (self, status_code == 200 ? "done" : "failed");

  json_object_set_string_member (object, "key", key);
  json_object_set_int_member (object, "status_code", status_code);
  json_object_set_string_member (object, "status", status);
  settle (self, index, self->output != STREAMER_OUTPUT_LINKS ? make_line (object) : g_strdup (""));
}

void
streamer_reporter_settle_dry_run (StreamerReporter *self,
                                  guint index,
                                  const StreamerReceipt *receipt)
{
  settle (self, index,
          self->output != STREAMER_OUTPUT_LINKS ? describe (self, "dry-run", receipt)
                                                : g_strdup (""));
}

void
streamer_reporter_settle_object (StreamerReporter *self,
                                 guint index,
                                 const char *event,
                                 JsonNode *object,
                                 const char *text)
{
  if (self->output != STREAMER_OUTPUT_LINKS)
    settle (self, index, describe_node (self, event, object));
  else
    settle (self, index, text != NULL ? g_strconcat (text, "\n", NULL) : g_strdup (""));
}

void
streamer_reporter_state (StreamerReporter *self,
                         const char *id,
                         const char *file,
                         const char *state,
                         const GError *error)
{
  g_autoptr (JsonObject) object = NULL;
  g_autofree char *line = NULL;

  if (self->output != STREAMER_OUTPUT_JSON_STREAM)
    return;
  object = create_object (self, "state");
  json_object_set_string_member (object, "id", id);
  json_object_set_string_member (object, "file", file);
  json_object_set_string_member (object, "state", state);
  if (error != NULL)
    json_object_set_string_member (object, "status", error->message);
  line = make_line (object);
  print (self, line);
}

void
streamer_reporter_progress (StreamerReporter *self,
                            const char *id,
                            const char *file,
                            guint64 sent,
                            guint64 size,
                            guint64 speed,
                            gint64 time_left)
{
  g_autoptr (JsonObject) object = NULL;
  g_autofree char *line = NULL;

  if (self->output != STREAMER_OUTPUT_JSON_STREAM)
    return;
  object = create_object (self, "progress");
  json_object_set_string_member (object, "id", id);
  json_object_set_string_member (object, "file", file);
  json_object_set_int_member (object, "sent", sent);
  if (size != STREAMER_SIZE_UNKNOWN)
    json_object_set_int_member (object, "size", size);
  else
    json_object_set_null_member (object, "size");
  json_object_set_int_member (object, "speed", speed);
  if (time_left >= 0)
    json_object_set_int_member (object, "time_left", time_left);
  else
    json_object_set_null_member (object, "time_left");
  line = make_line (object);
  print (self, line);
}

gboolean
streamer_reporter_has_failed (StreamerReporter *self)
{
  return self->failed;
}
