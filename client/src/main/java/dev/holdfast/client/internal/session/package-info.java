/** Internal: one client's sessions, their keep-alives, their events and what happens when one is lost. */
@NullMarked
package dev.holdfast.client.internal.session;

import org.jspecify.annotations.NullMarked;
