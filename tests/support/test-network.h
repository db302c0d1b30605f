/* test-network.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

#define TEST_TYPE_NETWORK (test_network_get_type ())
G_DECLARE_FINAL_TYPE (TestNetwork, test_network, TEST, NETWORK, GObject)

/** A GNetworkMonitor that says what a test says. Online at first. */
TestNetwork *test_network_new (void);
/** Tells it, too, as a computer does that goes offline, comes back, or changes its network. */
void test_network_change (TestNetwork *self, gboolean is_online);

G_END_DECLS
