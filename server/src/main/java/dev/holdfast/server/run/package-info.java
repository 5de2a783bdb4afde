/** Commands that run another command while they hold something. */
@NullMarked
package dev.holdfast.server.run;

import org.jspecify.annotations.NullMarked;
