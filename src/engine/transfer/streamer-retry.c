/* streamer-retry.c: what an error means for an upload, and how long the next attempt waits
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/* Threads: everything here is the owner's, but streamer_fault_classify(). */

#include "streamer-retry.h"

#include "streamer-error.h"
#include "streamer-pace.h"
#include "streamer-sleep-watch.h"

#define BASE_MS            50
#define BASE_BUSY_MS       1000
#define MAX_DELAY_MS       20000
#define MAX_RETRY_AFTER_MS (5 * 60 * 1000)
/* Behind this many doublings every base has reached the cap. */
#define MAX_DOUBLINGS 10

/* How often it is looked whether what held the queue is mended: nothing tells. */
#define HOLD_MS 30000

#define JOURNAL_MS            1000
#define JOURNAL_MAX_DOUBLINGS 5

/* AWS SDKs and Tools Reference Guide, "Retry behavior", standard mode. */
#define BUCKET         500
#define COST           5
#define COST_TIMEOUT   10
#define REWARD_AT_ONCE 1

/* Trouble that nobody has met for so long is over, or another. */
#define FORGET_USEC (10 * G_TIME_SPAN_MINUTE)

struct _StreamerRetry
{
  GObject parent_instance;

  StreamerClock *clock; /* (owned) */
  StreamerRandomFunc random;
  gpointer random_data;
  gint64 patience;
  gboolean holds;
  guint tokens;
  StreamerPace pace;
  GHashTable *troubles;            /* (owned): name of a server → Trouble */
  GHashTable *known;               /* (owned): names of servers that were well */
  GNetworkMonitor *network;        /* (owned) (nullable) */
  gboolean was_online;             /* since there is @network */
  gboolean is_online;              /* when it changed last */
  StreamerSleepWatch *sleep_watch; /* (owned) */
};

/* Since when a server has not been well. */
typedef struct
{
  gint64 since;
  gint64 last;
} Trouble;

typedef enum
{
  PROP_WORKERS = 1,
} StreamerRetryProperty;

static GParamSpec *properties[PROP_WORKERS + 1];
static guint wake_signal;
static guint interrupt_signal;

G_DEFINE_FINAL_TYPE (StreamerRetry, streamer_retry, G_TYPE_OBJECT)

StreamerFault
streamer_fault_classify (const GError *error)
{
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return STREAMER_FAULT_CANCELLED;
  if (error->domain != STREAMER_ERROR)
    return STREAMER_FAULT_FATAL;

  switch ((StreamerError) error->code)
    {
    case STREAMER_ERROR_NETWORK:
    case STREAMER_ERROR_INTERRUPTED:
    case STREAMER_ERROR_BUSY:
    case STREAMER_ERROR_SHORT:
    case STREAMER_ERROR_CHECKSUM:
      return STREAMER_FAULT_TRANSIENT;
    case STREAMER_ERROR_EXPIRED:
      return STREAMER_FAULT_REFRESH;
    case STREAMER_ERROR_NO_UPLOAD:
      return STREAMER_FAULT_RECONCILE;
    case STREAMER_ERROR_AUTH:
      return STREAMER_FAULT_PAUSE;
    case STREAMER_ERROR_TLS:
    case STREAMER_ERROR_PORTAL:
    case STREAMER_ERROR_JOURNAL:
      return STREAMER_FAULT_HOLD;
    case STREAMER_ERROR_FAILED:
    case STREAMER_ERROR_INVALID:
    case STREAMER_ERROR_FORBIDDEN:
    case STREAMER_ERROR_NOT_FOUND:
    case STREAMER_ERROR_EXISTS:
    case STREAMER_ERROR_PROTOCOL:
    case STREAMER_ERROR_CHANGED:
    case STREAMER_ERROR_UNREADABLE:
    case STREAMER_ERROR_TOO_LARGE:
    case STREAMER_ERROR_NO_SPACE:
    case STREAMER_ERROR_QUOTA:
    default:
      return STREAMER_FAULT_FATAL;
    }
}

static double
draw (gpointer user_data)
{
  return g_random_double ();
}

static void
interrupt (StreamerRetry *self)
{
  g_signal_emit (self, interrupt_signal, 0);
  streamer_retry_wake (self);
}

static void
on_slept (gpointer user_data)
{
  g_autoptr (StreamerRetry) self = g_object_ref (user_data);

  interrupt (self);
}

/* Connections that were made before the network was gone are gone with it, and do not know. */
static void
on_network_changed (StreamerRetry *self)
{
  gboolean was_online = self->is_online;

  self->is_online = g_network_monitor_get_network_available (self->network);
  if (self->is_online && !was_online && self->was_online)
    interrupt (self);
  else
    streamer_retry_wake (self);
  self->was_online = self->was_online || self->is_online;
}

static gboolean
is_offline (StreamerRetry *self)
{
  return self->was_online && !g_network_monitor_get_network_available (self->network);
}

static void
notify_workers (StreamerRetry *self, guint before)
{
  if (self->pace.workers != before)
    g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_WORKERS]);
}

/* Returns: @patience less what has gone by of it */
static gint64
take_off (gint64 patience, gint64 gone)
{
  return patience == STREAMER_PATIENCE_FOREVER ? patience : MAX (patience - gone, 0);
}

/* Returns: µs for which the server may go on not being well */
static gint64
count_patience (StreamerRetry *self, StreamerRetryState *state, const char *peer)
{
  gint64 now = streamer_clock_get_time (self->clock);
  Trouble *trouble = g_hash_table_lookup (self->troubles, peer);

  if (trouble == NULL)
    {
      trouble = g_new0 (Trouble, 1);
      trouble->since = now;
      g_hash_table_insert (self->troubles, g_strdup (peer), trouble);
    }
  else if (now - trouble->last > FORGET_USEC)
    trouble->since = now;
  trouble->last = now;

  if (state->since == 0)
    state->since = now;
  return MIN (take_off (self->patience, now - trouble->since),
              take_off (state->patience > 0 ? state->patience : STREAMER_PATIENCE_FOREVER,
                        now - state->since));
}

/* Returns: whether there was something to pay with */
static gboolean
pay (StreamerRetry *self, StreamerRetryState *state, const GError *error)
{
  guint cost = streamer_error_is_timeout (error) ? COST_TIMEOUT : COST;

  state->spent = 0;
  if (self->tokens < cost)
    return FALSE;
  self->tokens -= cost;
  state->spent = cost;
  return TRUE;
}

static guint
back_off (StreamerRetry *self, StreamerRetryState *state, const GError *error)
{
  gboolean busy = error->code == STREAMER_ERROR_BUSY || error->code == STREAMER_ERROR_SHORT;
  guint longest = busy ? BASE_BUSY_MS : BASE_MS;
  gboolean paid;

  if (error->code == STREAMER_ERROR_NETWORK && is_offline (self))
    return MAX_DELAY_MS;

  state->attempts++;
  paid = pay (self, state, error);
  if (busy)
    {
      guint before = self->pace.workers;

      streamer_pace_slow_down (&self->pace, streamer_clock_get_time (self->clock));
      notify_workers (self, before);
    }
  if (!paid)
    return MAX_DELAY_MS;
  longest = MIN (longest << MIN (state->attempts - 1, MAX_DOUBLINGS), MAX_DELAY_MS);
  return (guint) (self->random (self->random_data) * (double) longest);
}

/* Returns: whether the call may wait until its next attempt */
static gboolean
can_wait (gint64 patience, gint64 asked_ms, guint *delay_ms)
{
  gint64 left_ms = patience / G_TIME_SPAN_MILLISECOND;

  if (patience == 0 || asked_ms > left_ms)
    return FALSE;
  /* The last attempt is made when patience ends. */
  *delay_ms = (guint) MIN (MAX (*delay_ms, asked_ms), left_ms);
  return TRUE;
}

/* It is no server's fault: what counts is for how long this call has met it. */
static gboolean
can_wait_for_journal (StreamerRetry *self, StreamerRetryState *state, guint *delay_ms)
{
  gint64 now = streamer_clock_get_time (self->clock);

  if (state->journals++ == 0)
    state->journal_since = now;
  *delay_ms = MIN (JOURNAL_MS << MIN (state->journals - 1, JOURNAL_MAX_DOUBLINGS), HOLD_MS);
  return can_wait (take_off (self->patience, now - state->journal_since), 0, delay_ms);
}

/* A server that was understood before still speaks HTTP: something on the way did not. */
static gboolean
is_garbled_on_the_way (StreamerRetry *self, const char *peer, const GError *error)
{
  return streamer_error_is_garbled (error) && g_hash_table_contains (self->known, peer);
}

gboolean
streamer_retry_next (StreamerRetry *self,
                     StreamerRetryState *state,
                     const char *peer,
                     const GError *error,
                     guint *delay_ms)
{
  StreamerFault fault = streamer_fault_classify (error);
  gint64 asked_ms;

  g_return_val_if_fail (STREAMER_IS_RETRY (self), FALSE);
  g_return_val_if_fail (peer != NULL, FALSE);

  *delay_ms = 0;
  if (g_error_matches (error, STREAMER_ERROR, STREAMER_ERROR_JOURNAL))
    return can_wait_for_journal (self, state, delay_ms);
  if (fault == STREAMER_FAULT_HOLD && self->holds)
    {
      *delay_ms = HOLD_MS;
      return can_wait (count_patience (self, state, peer), 0, delay_ms);
    }
  /* Nobody's fault: the computer slept, or changed its network. */
  if (g_error_matches (error, STREAMER_ERROR, STREAMER_ERROR_INTERRUPTED))
    return TRUE;
  if (is_garbled_on_the_way (self, peer, error))
    fault = STREAMER_FAULT_TRANSIENT;
  if (fault != STREAMER_FAULT_TRANSIENT && fault != STREAMER_FAULT_REFRESH)
    return FALSE;
  if (fault == STREAMER_FAULT_REFRESH && state->refreshes++ == 0)
    return TRUE;
  if (state->refreshes > STREAMER_RETRY_MAX_REFRESHES)
    return FALSE;
  if (error->code == STREAMER_ERROR_CHECKSUM && state->checksums++ >= STREAMER_RETRY_MAX_CHECKSUMS)
    return FALSE;

  *delay_ms = back_off (self, state, error);
  asked_ms = (gint64) streamer_error_get_retry_after (error) * 1000;
  return can_wait (count_patience (self, state, peer), CLAMP (asked_ms, 0, MAX_RETRY_AFTER_MS),
                   delay_ms);
}

void
streamer_retry_succeeded (StreamerRetry *self, const StreamerRetryState *state, const char *peer)
{
  guint before;

  g_return_if_fail (STREAMER_IS_RETRY (self));
  g_return_if_fail (peer != NULL);

  before = self->pace.workers;
  g_hash_table_remove (self->troubles, peer);
  if (!g_hash_table_contains (self->known, peer))
    g_hash_table_add (self->known, g_strdup (peer));
  self->tokens += state->attempts > 0 ? state->spent : REWARD_AT_ONCE;
  self->tokens = MIN (self->tokens, BUCKET);
  streamer_pace_speed_up (&self->pace, streamer_clock_get_time (self->clock));
  notify_workers (self, before);
}

static void
streamer_retry_finalize (GObject *object)
{
  StreamerRetry *self = STREAMER_RETRY (object);

  streamer_retry_set_network (self, NULL);
  streamer_sleep_watch_free (self->sleep_watch);
  g_object_unref (self->clock);
  g_hash_table_unref (self->troubles);
  g_hash_table_unref (self->known);

  G_OBJECT_CLASS (streamer_retry_parent_class)->finalize (object);
}

static void
streamer_retry_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  switch ((StreamerRetryProperty) id)
    {
    case PROP_WORKERS:
      g_value_set_uint (value, streamer_retry_get_workers (STREAMER_RETRY (object)));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
streamer_retry_class_init (StreamerRetryClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->finalize = streamer_retry_finalize;
  object_class->get_property = streamer_retry_get_property;

  properties[PROP_WORKERS] =
      g_param_spec_uint ("workers", NULL, NULL, 1, G_MAXUINT, 1,
                         G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, G_N_ELEMENTS (properties), properties);

  wake_signal = g_signal_new ("wake", STREAMER_TYPE_RETRY, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                              G_TYPE_NONE, 0);
  interrupt_signal = g_signal_new ("interrupt", STREAMER_TYPE_RETRY, G_SIGNAL_RUN_LAST, 0, NULL,
                                   NULL, NULL, G_TYPE_NONE, 0);
}

static void
streamer_retry_init (StreamerRetry *self)
{
  self->random = draw;
  self->patience = STREAMER_PATIENCE_FOREVER;
  self->tokens = BUCKET;
  self->pace = (StreamerPace){ .wanted = 1, .workers = 1 };
  self->troubles = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  self->known = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
}

StreamerRetry *
streamer_retry_new (StreamerClock *clock)
{
  StreamerRetry *self;

  g_return_val_if_fail (STREAMER_IS_CLOCK (clock), NULL);

  self = g_object_new (STREAMER_TYPE_RETRY, NULL);
  self->clock = g_object_ref (clock);
  self->sleep_watch = streamer_sleep_watch_new (clock, on_slept, self);
  return self;
}

StreamerClock *
streamer_retry_get_clock (StreamerRetry *self)
{
  return self->clock;
}

void
streamer_retry_set_patience (StreamerRetry *self, gint64 patience)
{
  g_return_if_fail (STREAMER_IS_RETRY (self));
  g_return_if_fail (patience >= 0);

  self->patience = patience;
}

void
streamer_retry_set_holds (StreamerRetry *self, gboolean holds)
{
  g_return_if_fail (STREAMER_IS_RETRY (self));

  self->holds = holds;
}

void
streamer_retry_set_network (StreamerRetry *self, GNetworkMonitor *monitor)
{
  g_return_if_fail (STREAMER_IS_RETRY (self));

  if (self->network != NULL)
    g_signal_handlers_disconnect_by_data (self->network, self);
  g_set_object (&self->network, monitor);
  self->is_online = monitor != NULL && g_network_monitor_get_network_available (monitor);
  self->was_online = self->is_online;
  if (monitor == NULL)
    return;
  g_signal_connect_swapped (monitor, "network-changed", G_CALLBACK (on_network_changed), self);
  /* A sign-in to the network changes nothing else. */
  g_signal_connect_swapped (monitor, "notify::connectivity", G_CALLBACK (on_network_changed), self);
}

void
streamer_retry_set_random (StreamerRetry *self, StreamerRandomFunc func, gpointer user_data)
{
  g_return_if_fail (STREAMER_IS_RETRY (self));
  g_return_if_fail (func != NULL);

  self->random = func;
  self->random_data = user_data;
}

void
streamer_retry_set_max_workers (StreamerRetry *self, guint n_workers)
{
  guint before;

  g_return_if_fail (STREAMER_IS_RETRY (self));

  before = self->pace.workers;
  streamer_pace_set_wanted (&self->pace, n_workers);
  notify_workers (self, before);
}

guint
streamer_retry_get_workers (StreamerRetry *self)
{
  g_return_val_if_fail (STREAMER_IS_RETRY (self), 1);

  return self->pace.workers;
}

void
streamer_retry_begin_attempt (StreamerRetry *self)
{
  g_return_if_fail (STREAMER_IS_RETRY (self));

  streamer_sleep_watch_hold (self->sleep_watch);
}

void
streamer_retry_end_attempt (StreamerRetry *self)
{
  g_return_if_fail (STREAMER_IS_RETRY (self));

  streamer_sleep_watch_release (self->sleep_watch);
}

void
streamer_retry_wake (StreamerRetry *self)
{
  g_return_if_fail (STREAMER_IS_RETRY (self));

  g_signal_emit (self, wake_signal, 0);
}
