package dev.holdfast.node.internal.access;

import dev.holdfast.node.access.PrincipalNames;
import dev.holdfast.node.access.TokenFile;
import java.io.IOException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** The tokens of a {@link TokenFile}. */
final class StaticTokens {
    private static final int HASH_CHARACTERS = 64;

    private static final class Token {
        final byte[] hash;
        final Principal principal;
        final @Nullable Instant expires;

        Token(byte[] hash, Principal principal, @Nullable Instant expires) {
            this.hash = hash;
            this.principal = principal;
            this.expires = expires;
        }
    }

    private final WatchedFile<List<Token>> file;
    private final InstantSource clock;

    /** @throws IOException if it cannot be read, or a line of it is malformed */
    StaticTokens(Path file, InstantSource clock) throws IOException {
        this.file = new WatchedFile<>("The file of tokens", file, StaticTokens::read);
        this.clock = clock;
    }

    StaticTokens(Path file, InstantSource clock, Duration lookAgain) throws IOException {
        this.file = new WatchedFile<>("The file of tokens", file, StaticTokens::read, lookAgain);
        this.clock = clock;
    }

    /**
     * Who has that token. It is compared with all hashes, each to its end, so that the time which that takes tells nothing.
     *
     * @throws DeniedException if nobody has it, or not any more
     */
    Principal check(String token) throws DeniedException {
        if (token.length() < TokenFile.CHARACTERS_MIN) {
            throw new DeniedException(
                    Denial.NOT_A_TOKEN,
                    "the token has fewer than " + TokenFile.CHARACTERS_MIN + " characters, so it is none");
        }
        byte[] hash = TokenFile.hash(token);
        Token found = null;
        for (Token known : file.content()) {
            if (MessageDigest.isEqual(known.hash, hash)) {
                found = known;
            }
        }
        if (found == null) {
            throw new DeniedException(Denial.UNKNOWN_TOKEN, "the token is not known here");
        }
        if (found.expires != null && !clock.instant().isBefore(found.expires)) {
            throw new DeniedException(
                    Denial.EXPIRED, "the token of " + found.principal + " expired at " + found.expires);
        }
        return found.principal;
    }

    private static List<Token> read(String content) throws IOException {
        List<Token> tokens = new ArrayList<>();
        Set<String> hashes = new TreeSet<>();
        int number = 0;
        for (String each : content.split("\n", -1)) {
            number++;
            String line = each.strip();
            if (line.isEmpty() || line.startsWith("#")) {
                continue;
            }
            try {
                Token token = token(line);
                if (!hashes.add(HexFormat.of().formatHex(token.hash))) {
                    throw new IllegalArgumentException("the same token stands in another line already");
                }
                tokens.add(token);
            } catch (IllegalArgumentException e) {
                throw new IOException("line " + number + ": " + e.getMessage(), e);
            }
        }
        return List.copyOf(tokens);
    }

    private static Token token(String line) {
        String[] words = line.split("\\s+", -1);
        boolean expires = words.length == 4 && words[2].equals("expires");
        if (words.length != 2 && !expires) {
            throw new IllegalArgumentException("expected 'name[,@group...] sha256:HEX [expires INSTANT]'");
        }
        return new Token(hash(words[1]), principal(words[0]), expires ? instant(words[3]) : null);
    }

    private static Principal principal(String text) {
        String[] names = text.split(",", -1);
        check(names[0], PrincipalNames.problem(names[0]));
        Set<String> groups = new TreeSet<>();
        for (int i = 1; i < names.length; i++) {
            if (!names[i].startsWith("@")) {
                throw new IllegalArgumentException("'" + names[i] + "' should be a group, which begins with '@'");
            }
            String group = names[i].substring(1);
            check(group, PrincipalNames.problemOfGroup(group));
            groups.add(group);
        }
        return new Principal(names[0], groups);
    }

    private static void check(String name, @Nullable String problem) {
        if (problem != null) {
            throw new IllegalArgumentException("the name '" + name + "' " + problem);
        }
    }

    /** What is there instead is not shown: it may be the token itself. */
    private static byte[] hash(String text) {
        String hex = text.substring(Math.min(text.length(), TokenFile.HASH_PREFIX.length()));
        if (!text.startsWith(TokenFile.HASH_PREFIX) || hex.length() != HASH_CHARACTERS) {
            throw new IllegalArgumentException(
                    "the second word should be 'sha256:' and " + HASH_CHARACTERS + " hexadecimal digits");
        }
        try {
            return HexFormat.of().parseHex(hex);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("the hash has characters that are no hexadecimal digits", e);
        }
    }

    private static Instant instant(String text) {
        try {
            return Instant.parse(text);
        } catch (DateTimeParseException e) {
            throw new IllegalArgumentException("'" + text + "' is no instant like 2027-01-31T00:00:00Z", e);
        }
    }
}
