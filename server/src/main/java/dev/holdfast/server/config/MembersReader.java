package dev.holdfast.server.config;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Reads how members come and go by themselves, and the file with a join token. */
final class MembersReader {
    private static final int TOKEN_BYTES_MAX = 1024;

    private final SecurityReader.Source source;

    MembersReader(SecurityReader.Source source) {
        this.source = source;
    }

    /**
     * {@code null} after a problem was noted.
     *
     * @param join whether the peer joins a cluster that there is
     */
    @Nullable
    MembersConfig read(boolean join) {
        String token = token();
        Long maxVoters = source.value(Settings.MAX_VOTERS);
        Boolean replaceLostDisk = source.value(Settings.REPLACE_LOST_DISK);
        Optional<Duration> replaceAfter = source.value(Settings.REPLACE_AFTER);
        if (token == null || maxVoters == null || replaceLostDisk == null || replaceAfter == null) {
            return null;
        }
        if (!join && !token.isEmpty()) {
            source.problem(
                    Settings.JOIN_TOKEN,
                    "is for a peer that joins a cluster: " + Settings.JOIN.key() + " = true is missing");
            return null;
        }
        return new MembersConfig(token, maxVoters.intValue(), replaceLostDisk, replaceAfter.orElse(null));
    }

    private @Nullable String token() {
        String token = source.value(Settings.JOIN_TOKEN);
        String file = source.value(Settings.JOIN_TOKEN_FILE);
        if (token == null || file == null || file.isEmpty()) {
            return token;
        }
        if (!token.isEmpty()) {
            source.problem(
                    Settings.JOIN_TOKEN_FILE,
                    "is set beside " + Settings.JOIN_TOKEN.key() + "; one of the two is enough");
            return null;
        }
        return tokenIn(source.file(file));
    }

    /** It is of use once. So the file may be gone when the peer, a member by then, is started again. */
    private @Nullable String tokenIn(Path file) {
        try {
            if (Files.size(file) <= TOKEN_BYTES_MAX) {
                String token = Files.readString(file).strip();
                if (Readers.isJoinToken(token)) {
                    return token;
                }
            }
            source.problem(
                    Settings.JOIN_TOKEN_FILE,
                    "is " + file
                            + ", which has no join token; allowed: one line, which \"holdfast members token\" printed");
        } catch (NoSuchFileException e) {
            return "";
        } catch (IOException e) {
            source.problem(Settings.JOIN_TOKEN_FILE, "is " + file + ", which cannot be read: " + e);
        }
        return null;
    }
}
