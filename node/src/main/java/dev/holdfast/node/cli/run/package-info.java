/** Commands that run another command while they hold something. */
@NullMarked
package dev.holdfast.node.cli.run;

import org.jspecify.annotations.NullMarked;
