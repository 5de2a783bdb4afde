/** Commands for when things have gone wrong, and for before. */
@NullMarked
package dev.holdfast.server.rescue;

import org.jspecify.annotations.NullMarked;
