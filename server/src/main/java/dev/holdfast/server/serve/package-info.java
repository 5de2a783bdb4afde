/** Commands that run peers: one, several in processes of their own, and what tells them to stop. */
@NullMarked
package dev.holdfast.server.serve;

import org.jspecify.annotations.NullMarked;
