/** Internal: the holds that this client knows of, and their handles. */
@NullMarked
package dev.holdfast.client.internal.hold;

import org.jspecify.annotations.NullMarked;
