/** Commands that run another command under a hold. */
@NullMarked
package dev.holdfast.server.run;

import org.jspecify.annotations.NullMarked;
