package dev.holdfast.server.config;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How members come and go by themselves.
 *
 * @param joinToken lets this peer in; empty for none
 * @param maxVoters how many voters there are at most
 * @param replaceLostDisk whether a member with an emptied folder takes its own place again
 * @param replaceAfter how long a voter may be silent before a listener takes its place; {@code null} for ever
 */
public record MembersConfig(
        String joinToken,
        int maxVoters,
        boolean replaceLostDisk,
        @Nullable Duration replaceAfter) {
    /** Not the token: it is not for logs. */
    @Override
    public String toString() {
        return "MembersConfig[maxVoters=" + maxVoters + ", replaceLostDisk=" + replaceLostDisk + ", replaceAfter="
                + replaceAfter + "]";
    }
}
