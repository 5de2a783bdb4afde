package dev.holdfast.node;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What is done about members without being asked for, where this peer leads.
 *
 * @param votersMax how many voters there are to be at most
 * @param replaceLostDisk whether a newcomer takes the place of the member of its name, if that one does not answer
 * @param replaceAfter how long a voter may be silent before a listener votes in its place; {@code null} for ever
 */
record AutomaticMembers(
        int votersMax, boolean replaceLostDisk, @Nullable Duration replaceAfter) {}
