/* streamer-window-private.h: what the window's files share
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "streamer-banner.h"
#include "streamer-queue.h"
#include "streamer-transfer-detail.h"
#include "streamer-transfer-list.h"
#include "streamer-window.h"

G_BEGIN_DECLS

struct _StreamerWindow
{
  AdwApplicationWindow parent_instance;

  AdwToastOverlay *toast_overlay;
  GtkRevealer *drop_revealer;
  GtkStack *stack;
  AdwLeaflet *leaflet;
  AdwWindowTitle *title;
  GtkSearchBar *search_bar;
  GtkEditable *search_entry;
  StreamerBanner *banner;
  StreamerTransferList *list;
  StreamerTransferDetail *detail;

  StreamerQueue *queue;                /* (owned) */
  StreamerHistory *history;            /* (owned) */
  GCancellable *cancellable;           /* (owned): ends with the window */
  GtkFileChooserNative *chooser;       /* (owned) (nullable): while it is open */
  GtkWindow *close_dialog;             /* (unowned) (nullable): while it is open */
  StreamerConnection *asked_for_token; /* (owned) (nullable): whose dialog was shown */
  gboolean asking_for_token;
  guint update_id;
};

void _streamer_window_actions_init (StreamerWindow *self);
/** Those on what is over. */
void _streamer_window_history_init (StreamerWindow *self);
/** @id: a string. Returns: (transfer none) (nullable) */
StreamerTransfer *_streamer_window_find_transfer (StreamerWindow *self, GVariant *id);
/** @message: says that it was done */
void _streamer_window_copy_text (StreamerWindow *self, const char *text, const char *message);
/** There is something that can be searched. */
void _streamer_window_set_can_search (StreamerWindow *self, gboolean can_search);
void _streamer_window_update_drop (StreamerWindow *self);
void _streamer_window_drop_init (StreamerWindow *self);

void _streamer_window_update_banner (StreamerWindow *self);

/* Each asks, where something would be lost, and then does it. */
void _streamer_window_ask_cancel (StreamerWindow *self, StreamerTransfer *transfer);
void _streamer_window_ask_remove (StreamerWindow *self, StreamerTransfer *transfer);
void _streamer_window_ask_replace (StreamerWindow *self, StreamerTransfer *transfer);

/** Gives @files to the application's queue. */
void _streamer_window_add_files (StreamerWindow *self, GListModel *files);

G_END_DECLS
