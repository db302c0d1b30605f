/* streamer-transfer.c: one file on its way: what it is and how it stands
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/* Threads: everything here is the owner's. What happens is in streamer-transfer-run.c (start,
 * pause, failure, end), -steps.c (prepare, begin), -parts.c, -pipe.c, -finish.c and -let-go.c. */

#include "streamer-transfer-private.h"

#include <unistd.h>

#include "streamer-key.h"

#define TICK_MS 250

G_DEFINE_FINAL_TYPE (StreamerTransfer, streamer_transfer, G_TYPE_OBJECT)

typedef enum
{
  PROP_ID = 1,
  PROP_FILE,
  PROP_NAME,
  PROP_KEY,
  PROP_STATE,
  PROP_SIZE,
  PROP_SENT,
  PROP_FRACTION,
  PROP_SPEED,
  PROP_TIME_LEFT,
  PROP_RETRY_AT,
  PROP_N_PARTS,
  PROP_PART_SIZE,
  PROP_PARTS,
  PROP_ERROR,
  PROP_URL,
  PROP_BUSY,
} StreamerTransferProperty;

static GParamSpec *properties[PROP_BUSY + 1];

static gboolean
is_moving (StreamerTransferState state)
{
  return state == STREAMER_TRANSFER_UPLOADING || state == STREAMER_TRANSFER_STALLED ||
         state == STREAMER_TRANSFER_FINISHING;
}

static gboolean
is_over (StreamerTransferState state)
{
  return state == STREAMER_TRANSFER_DONE || state == STREAMER_TRANSFER_FAILED ||
         state == STREAMER_TRANSFER_CANCELLED;
}

static void
notify (StreamerTransfer *self, StreamerTransferProperty property)
{
  g_object_notify_by_pspec (G_OBJECT (self), properties[property]);
}

static guint64
count_sent (StreamerTransfer *self)
{
  if (self->state == STREAMER_TRANSFER_DONE)
    return self->size;
  return self->parts != NULL ? streamer_part_list_get_sent (self->parts) : 0;
}

static void
set_sent (StreamerTransfer *self, guint64 sent)
{
  if (sent == self->sent)
    return;
  self->sent = sent;
  notify (self, PROP_SENT);
  notify (self, PROP_FRACTION);
}

void
streamer_transfer_notify_progress (StreamerTransfer *self)
{
  guint64 speed = streamer_meter_get_speed (&self->meter);
  gint64 time_left = streamer_transfer_get_time_left (self);
  guint64 sent = count_sent (self);

  g_object_freeze_notify (G_OBJECT (self));
  /* A failed attempt's bytes are not counted any more, and will be sent again: until then what
   * was shown stands still. */
  set_sent (self, is_moving (self->state) ? MAX (self->sent, sent) : sent);
  if (is_moving (self->state))
    streamer_meter_sample (&self->meter, g_get_monotonic_time (), self->sent);
  if (speed != streamer_meter_get_speed (&self->meter))
    notify (self, PROP_SPEED);
  if (time_left != streamer_transfer_get_time_left (self))
    notify (self, PROP_TIME_LEFT);
  if (self->parts != NULL)
    streamer_part_list_notify (self->parts);
  g_object_thaw_notify (G_OBJECT (self));
}

static gboolean
on_tick (gpointer user_data)
{
  g_autoptr (StreamerTransfer) self = g_object_ref (user_data);

  streamer_transfer_check_moving (self);
  streamer_transfer_notify_progress (self);
  return G_SOURCE_CONTINUE;
}

static void
stop_tick (StreamerTransfer *self)
{
  if (self->tick != NULL)
    g_source_destroy (self->tick);
  g_clear_pointer (&self->tick, g_source_unref);
}

static void
start_tick (StreamerTransfer *self)
{
  self->tick = g_timeout_source_new (TICK_MS);
  g_source_set_callback (self->tick, on_tick, self, NULL);
  g_source_attach (self->tick, self->context);
}

static void
reset_meter (StreamerTransfer *self)
{
  guint64 speed = streamer_meter_get_speed (&self->meter);

  streamer_meter_reset (&self->meter);
  if (speed == 0)
    return;
  notify (self, PROP_SPEED);
  notify (self, PROP_TIME_LEFT);
}

void
streamer_transfer_set_error (StreamerTransfer *self, const GError *error)
{
  if (error == NULL && self->error == NULL)
    return;
  g_clear_error (&self->error);
  if (error != NULL)
    self->error = g_error_copy (error);
  notify (self, PROP_ERROR);
}

void
streamer_transfer_set_retry_at (StreamerTransfer *self, gint64 retry_at)
{
  if (retry_at == self->retry_at)
    return;
  self->retry_at = retry_at;
  notify (self, PROP_RETRY_AT);
}

void
streamer_transfer_set_state (StreamerTransfer *self, StreamerTransferState state)
{
  gboolean was_moving = is_moving (self->state);

  if (state == self->state)
    return;
  g_debug ("transfer %s: %s", self->id, streamer_transfer_state_get_nick (state));

  g_object_freeze_notify (G_OBJECT (self));
  self->state = state;
  if (state != STREAMER_TRANSFER_FAILED && state != STREAMER_TRANSFER_STALLED &&
      state != STREAMER_TRANSFER_NEEDS_TOKEN)
    streamer_transfer_set_error (self, NULL);
  if (state != STREAMER_TRANSFER_STALLED)
    streamer_transfer_set_retry_at (self, 0);
  if (is_moving (state) != was_moving)
    {
      reset_meter (self);
      if (is_moving (state))
        start_tick (self);
      else
        stop_tick (self);
    }
  if (is_over (state))
    {
      self->ended_at = g_get_monotonic_time ();
      self->ended_at_real = g_get_real_time ();
    }
  streamer_transfer_note_state (self, FALSE);
  streamer_transfer_notify_progress (self);
  notify (self, PROP_STATE);
  g_object_thaw_notify (G_OBJECT (self));
}

void
streamer_transfer_set_size (StreamerTransfer *self, guint64 size)
{
  if (size == self->size)
    return;
  self->size = size;
  notify (self, PROP_SIZE);
  notify (self, PROP_FRACTION);
}

void
streamer_transfer_set_parts (StreamerTransfer *self, StreamerPartList *parts)
{
  if (g_set_object (&self->parts, parts))
    {
      notify (self, PROP_PARTS);
      notify (self, PROP_N_PARTS);
      notify (self, PROP_PART_SIZE);
    }
}

void
streamer_transfer_notify_n_parts (StreamerTransfer *self)
{
  notify (self, PROP_N_PARTS);
}

void
streamer_transfer_set_busy (StreamerTransfer *self, gboolean busy)
{
  if (busy == self->busy)
    return;
  self->busy = busy;
  notify (self, PROP_BUSY);
}

void
streamer_transfer_set_result (StreamerTransfer *self, const StreamerJournalEntry *receipt)
{
  g_free (self->url);
  self->url = g_strdup (receipt->url);
  g_free (self->etag);
  self->etag = g_strdup (receipt->etag);
  self->has_crc32 = receipt->has_crc32;
  self->crc32 = receipt->crc32;
  g_free (self->sha256);
  self->sha256 = g_strdup (receipt->sha256);
  notify (self, PROP_URL);
}

static void
streamer_transfer_finalize (GObject *object)
{
  StreamerTransfer *self = STREAMER_TRANSFER (object);

  g_assert (self->n_jobs == 0);
  stop_tick (self);
  if (self->pipe_fd >= 0)
    close (self->pipe_fd);
  g_main_context_unref (self->context);
  g_free (self->id);
  g_clear_object (&self->file);
  g_free (self->path);
  g_free (self->name);
  g_free (self->key);
  streamer_target_unref (self->target);
  g_clear_object (&self->pool);
  g_clear_object (&self->limit);
  g_clear_object (&self->journal);
  g_clear_object (&self->store);
  g_clear_object (&self->source);
  g_clear_object (&self->parts);
  g_clear_pointer (&self->upload, streamer_upload_unref);
  g_clear_pointer (&self->dropped, streamer_upload_unref);
  g_clear_pointer (&self->slices, g_hash_table_unref);
  g_clear_object (&self->pipe_cancellable);
  g_clear_object (&self->cancellable);
  g_ptr_array_unref (self->part_jobs);
  g_ptr_array_unref (self->cancel_tasks);
  g_clear_error (&self->error);
  g_free (self->url);
  g_free (self->etag);
  g_free (self->sha256);
  g_array_unref (self->unchecked);
  G_OBJECT_CLASS (streamer_transfer_parent_class)->finalize (object);
}

static void
streamer_transfer_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  StreamerTransfer *self = STREAMER_TRANSFER (object);

  switch ((StreamerTransferProperty) id)
    {
    case PROP_ID:
      g_value_set_string (value, self->id);
      break;
    case PROP_FILE:
      g_value_set_object (value, self->file);
      break;
    case PROP_NAME:
      g_value_set_string (value, self->name);
      break;
    case PROP_KEY:
      g_value_set_string (value, self->key);
      break;
    case PROP_STATE:
      g_value_set_enum (value, (int) self->state);
      break;
    case PROP_SIZE:
      g_value_set_uint64 (value, self->size);
      break;
    case PROP_SENT:
      g_value_set_uint64 (value, self->sent);
      break;
    case PROP_FRACTION:
      g_value_set_double (value, streamer_transfer_get_fraction (self));
      break;
    case PROP_SPEED:
      g_value_set_uint64 (value, streamer_transfer_get_speed (self));
      break;
    case PROP_TIME_LEFT:
      g_value_set_int64 (value, streamer_transfer_get_time_left (self));
      break;
    case PROP_RETRY_AT:
      g_value_set_int64 (value, self->retry_at);
      break;
    case PROP_N_PARTS:
      g_value_set_uint (value, streamer_transfer_get_n_parts (self));
      break;
    case PROP_PART_SIZE:
      g_value_set_uint64 (value, streamer_transfer_get_part_size (self));
      break;
    case PROP_PARTS:
      g_value_set_object (value, self->parts);
      break;
    case PROP_ERROR:
      g_value_set_boxed (value, self->error);
      break;
    case PROP_URL:
      g_value_set_string (value, self->url);
      break;
    case PROP_BUSY:
      g_value_set_boolean (value, self->busy);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
streamer_transfer_class_init (StreamerTransferClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GParamFlags flags = G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS;

  object_class->finalize = streamer_transfer_finalize;
  object_class->get_property = streamer_transfer_get_property;

  properties[PROP_ID] = g_param_spec_string ("id", NULL, NULL, NULL, flags);
  properties[PROP_FILE] = g_param_spec_object ("file", NULL, NULL, G_TYPE_FILE, flags);
  properties[PROP_NAME] = g_param_spec_string ("name", NULL, NULL, NULL, flags);
  properties[PROP_KEY] = g_param_spec_string ("key", NULL, NULL, NULL, flags);
  properties[PROP_STATE] = g_param_spec_enum ("state", NULL, NULL, STREAMER_TYPE_TRANSFER_STATE,
                                              STREAMER_TRANSFER_WAITING, flags);
  properties[PROP_SIZE] = g_param_spec_uint64 ("size", NULL, NULL, 0, G_MAXUINT64, 0, flags);
  properties[PROP_SENT] = g_param_spec_uint64 ("sent", NULL, NULL, 0, G_MAXUINT64, 0, flags);
  properties[PROP_FRACTION] = g_param_spec_double ("fraction", NULL, NULL, 0, 1, 0, flags);
  properties[PROP_SPEED] = g_param_spec_uint64 ("speed", NULL, NULL, 0, G_MAXUINT64, 0, flags);
  properties[PROP_TIME_LEFT] =
      g_param_spec_int64 ("time-left", NULL, NULL, -1, G_MAXINT64, -1, flags);
  properties[PROP_RETRY_AT] = g_param_spec_int64 ("retry-at", NULL, NULL, 0, G_MAXINT64, 0, flags);
  properties[PROP_N_PARTS] = g_param_spec_uint ("n-parts", NULL, NULL, 0, G_MAXUINT, 0, flags);
  properties[PROP_PART_SIZE] =
      g_param_spec_uint64 ("part-size", NULL, NULL, 0, G_MAXUINT64, 0, flags);
  properties[PROP_PARTS] =
      g_param_spec_object ("parts", NULL, NULL, STREAMER_TYPE_PART_LIST, flags);
  properties[PROP_ERROR] = g_param_spec_boxed ("error", NULL, NULL, G_TYPE_ERROR, flags);
  properties[PROP_URL] = g_param_spec_string ("url", NULL, NULL, NULL, flags);
  properties[PROP_BUSY] = g_param_spec_boolean ("busy", NULL, NULL, FALSE, flags);
  g_object_class_install_properties (object_class, G_N_ELEMENTS (properties), properties);
}

/* Long enough that the journal never meets one twice, and short enough to be typed. */
static char *
draw_id (void)
{
  guint64 bits = (guint64) g_random_int () << 32 | g_random_int ();

  return g_strdup_printf ("%012" G_GINT64_MODIFIER "x", bits >> 16);
}

static void
streamer_transfer_init (StreamerTransfer *self)
{
  self->owner = g_thread_self ();
  self->context = g_main_context_ref_thread_default ();
  self->id = draw_id ();
  self->created_at = g_get_real_time ();
  self->unchecked = g_array_new (FALSE, FALSE, sizeof (guint));
  self->pipe_fd = -1;
  self->part_jobs = g_ptr_array_new ();
  self->cancel_tasks = g_ptr_array_new_with_free_func (g_object_unref);
}

/* @name: bytes below the target's prefix */
static StreamerTransfer *
transfer_new (const char *name,
              StreamerTarget *target,
              StreamerPool *pool,
              StreamerRateLimit *limit)
{
  StreamerTransfer *self = g_object_new (STREAMER_TYPE_TRANSFER, NULL);
  g_autoptr (GError) error = NULL;

  self->name = streamer_key_display_name (name);
  self->target = streamer_target_ref (target);
  self->key = streamer_key_join (target->prefix, name, &error);
  if (self->key == NULL)
    {
      self->error = g_steal_pointer (&error);
      self->state = STREAMER_TRANSFER_FAILED;
      return self;
    }
  g_set_object (&self->pool, pool);
  g_set_object (&self->limit, limit);
  return self;
}

StreamerTransfer *
streamer_transfer_new_for_file (GFile *file,
                                const char *relative_name,
                                StreamerTarget *target,
                                StreamerPool *pool,
                                StreamerRateLimit *limit)
{
  StreamerTransfer *self = transfer_new (relative_name, target, pool, limit);

  self->file = g_object_ref (file);
  self->path = g_file_get_path (file);
  g_assert (self->path != NULL);
  return self;
}

StreamerTransfer *
streamer_transfer_new_for_pipe (int fd,
                                const char *name,
                                StreamerTarget *target,
                                StreamerPool *pool,
                                StreamerRateLimit *limit)
{
  StreamerTransfer *self = transfer_new (name, target, pool, limit);

  self->is_pipe = TRUE;
  self->pipe_fd = fd;
  self->pipe_cancellable = g_cancellable_new ();
  self->size = STREAMER_SIZE_UNKNOWN;
  return self;
}

StreamerTransfer *
streamer_transfer_new_refused (GFile *file, StreamerTarget *target, GError *error)
{
  StreamerTransfer *self = g_object_new (STREAMER_TYPE_TRANSFER, NULL);
  g_autofree char *name = g_file_get_basename (file);

  self->file = g_object_ref (file);
  self->path = g_file_get_path (file);
  self->name = streamer_key_display_name (name != NULL ? name : "");
  self->target = streamer_target_ref (target);
  self->error = error;
  self->state = STREAMER_TRANSFER_FAILED;
  return self;
}

const char *
streamer_transfer_get_id (StreamerTransfer *self)
{
  return self->id;
}

GFile *
streamer_transfer_get_file (StreamerTransfer *self)
{
  return self->file;
}

const char *
streamer_transfer_get_name (StreamerTransfer *self)
{
  return self->name;
}

const char *
streamer_transfer_get_key (StreamerTransfer *self)
{
  return self->key;
}

StreamerTarget *
streamer_transfer_get_target (StreamerTransfer *self)
{
  return self->target;
}

StreamerTransferState
streamer_transfer_get_state (StreamerTransfer *self)
{
  return self->state;
}

guint64
streamer_transfer_get_size (StreamerTransfer *self)
{
  return self->size;
}

guint64
streamer_transfer_get_sent (StreamerTransfer *self)
{
  return self->sent;
}

double
streamer_transfer_get_fraction (StreamerTransfer *self)
{
  if (self->state == STREAMER_TRANSFER_DONE)
    return 1;
  if (self->size == 0 || self->size == STREAMER_SIZE_UNKNOWN)
    return 0;
  return MIN ((double) self->sent / (double) self->size, 1);
}

guint64
streamer_transfer_get_speed (StreamerTransfer *self)
{
  return streamer_meter_get_speed (&self->meter);
}

gint64
streamer_transfer_get_time_left (StreamerTransfer *self)
{
  if (!is_moving (self->state) || self->size == STREAMER_SIZE_UNKNOWN)
    return -1;
  return streamer_meter_get_time_left (&self->meter, self->size - MIN (self->sent, self->size));
}

gint64
streamer_transfer_get_retry_at (StreamerTransfer *self)
{
  return self->retry_at;
}

guint
streamer_transfer_get_n_parts (StreamerTransfer *self)
{
  if (self->parts != NULL)
    return streamer_part_list_get_n_parts (self->parts);
  return self->planned ? self->plan.n_parts : 0;
}

guint64
streamer_transfer_get_part_size (StreamerTransfer *self)
{
  return self->parts != NULL || self->planned ? self->plan.part_size : 0;
}

StreamerPartList *
streamer_transfer_get_parts (StreamerTransfer *self)
{
  return self->parts;
}

const GError *
streamer_transfer_get_error (StreamerTransfer *self)
{
  return self->error;
}

const char *
streamer_transfer_get_url (StreamerTransfer *self)
{
  return self->url;
}

gboolean
streamer_transfer_is_over (StreamerTransfer *self)
{
  return is_over (self->state);
}

gboolean
streamer_transfer_is_active (StreamerTransfer *self)
{
  return is_moving (self->state) || self->state == STREAMER_TRANSFER_PREPARING;
}

gboolean
streamer_transfer_is_busy (StreamerTransfer *self)
{
  return self->busy;
}
