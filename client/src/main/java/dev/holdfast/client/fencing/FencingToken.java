package dev.holdfast.client.fencing;

import dev.holdfast.client.LockHandle;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A token and the resource that it is for, as it travels along with a write.
 *
 * <p>Between services it goes in the header {@value #HEADER}, as {@code 42;resource=order%3A7}: the token in decimal digits,
 * and the resource in percent-encoding, so that any resource fits into a header.
 *
 * @param resource what is written to: 1 to {@value #RESOURCE_BYTES_MAX} bytes in UTF-8, without control characters. Mostly the
 *     key of the lockable
 * @param token the fencing token, at least 1
 */
public record FencingToken(String resource, long token) {
    /** The name of the header. */
    public static final String HEADER = "Holdfast-Fencing-Token";

    /** The longest resource, in bytes of UTF-8; as long as a lockable's key may be. */
    public static final int RESOURCE_BYTES_MAX = 1024;

    private static final Pattern FORMAT = Pattern.compile("([0-9]{1,19})\\s*;\\s*resource=([!-:<-~]+)");

    /** @throws IllegalArgumentException if either is out of range */
    public FencingToken {
        if (token < 1) {
            throw new IllegalArgumentException("a fencing token must be at least 1, but is " + token);
        }
        int bytes = resource.getBytes(StandardCharsets.UTF_8).length;
        if (bytes < 1 || bytes > RESOURCE_BYTES_MAX) {
            throw new IllegalArgumentException("the name of a fenced resource has 1 to " + RESOURCE_BYTES_MAX
                    + " bytes in UTF-8, but this one has " + bytes);
        }
        if (resource.codePoints().anyMatch(FencingToken::isUnfit)) {
            throw new IllegalArgumentException(
                    "the name of a fenced resource has a control character or half of a surrogate pair in it");
        }
    }

    /** Every database and header can carry the rest. */
    private static boolean isUnfit(int c) {
        return Character.isISOControl(c) || Character.getType(c) == Character.SURROGATE;
    }

    /** The token of that hold, for the resource that its lockable's key names. */
    public static FencingToken of(LockHandle handle) {
        return new FencingToken(handle.lockable().key(), handle.token());
    }

    /**
     * Reads the header out of a request, for example {@code FencingToken.from(request::getHeader)}.
     *
     * @param headers gives a header's value by its name, {@code null} if there is none
     * @return empty if there is no such header
     * @throws IllegalArgumentException if there is one that cannot be read
     */
    public static Optional<FencingToken> from(UnaryOperator<@Nullable String> headers) {
        return Optional.ofNullable(headers.apply(HEADER)).map(FencingToken::parse);
    }

    /**
     * Reads the value of a header.
     *
     * @throws IllegalArgumentException if it cannot be read
     */
    public static FencingToken parse(String headerValue) {
        Matcher matcher = FORMAT.matcher(headerValue.strip());
        if (!matcher.matches()) {
            throw unreadable(headerValue, null);
        }
        try {
            return new FencingToken(decode(matcher.group(2)), Long.parseLong(matcher.group(1)));
        } catch (IllegalArgumentException e) {
            throw unreadable(headerValue, e);
        }
    }

    private static String decode(String encoded) {
        String resource = URLDecoder.decode(encoded, StandardCharsets.UTF_8);
        // The decoder replaces bytes that are not UTF-8, so two resources would become one.
        if (resource.indexOf('\uFFFD') >= 0 && !encoded.toUpperCase(Locale.ROOT).contains("%EF%BF%BD")) {
            throw new IllegalArgumentException("the resource is not in UTF-8");
        }
        return resource;
    }

    private static IllegalArgumentException unreadable(String headerValue, @Nullable Throwable cause) {
        String shown = headerValue.length() <= 80 ? headerValue : headerValue.substring(0, 80) + "...";
        return new IllegalArgumentException(
                HEADER + " should look like 42;resource=order%3A7, but is '" + shown + "'"
                        + (cause == null ? "" : ": " + cause.getMessage()),
                cause);
    }

    /** The value of the header. */
    public String headerValue() {
        return token + ";resource=" + URLEncoder.encode(resource, StandardCharsets.UTF_8);
    }
}
