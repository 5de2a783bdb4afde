package dev.holdfast.client.remote;

import dev.holdfast.client.errors.InvalidAddressException;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.Arrays;
import java.util.List;

/**
 * Where a peer can be reached. There is no default for either part.
 *
 * @param host a name, an IPv4 address, or an IPv6 address without brackets
 * @param port 1 to 65535
 */
public record HostPort(String host, int port) {
    private static final int PORT_MAX = 65_535;

    /**
     * Checks both parts.
     *
     * @throws InvalidAddressException if either is malformed or out of range
     */
    public HostPort {
        checkHost(host);
        if (port < 1 || port > PORT_MAX) {
            throw new InvalidAddressException("not a port from 1 to " + PORT_MAX + ": " + port);
        }
    }

    /**
     * Reads {@code host:port}, or {@code [host]:port} for an IPv6 address.
     *
     * @throws InvalidAddressException if the text is anything else
     */
    public static HostPort parse(String text) {
        int colon = text.lastIndexOf(':');
        if (colon < 0) {
            throw new InvalidAddressException("no port in '" + text + "': expected host:port");
        }
        return new HostPort(hostOf(text, text.substring(0, colon)), portOf(text, text.substring(colon + 1)));
    }

    /**
     * Reads a comma-separated list of addresses; spaces around them are ignored. A repeated address counts once.
     *
     * @throws InvalidAddressException if one of them is malformed, or there is none
     */
    public static List<HostPort> parseList(String text) {
        return Arrays.stream(text.split(",", -1))
                .map(part -> parse(part.strip()))
                .distinct()
                .toList();
    }

    private static String hostOf(String text, String host) {
        if (host.startsWith("[") && host.endsWith("]")) {
            return host.substring(1, host.length() - 1);
        }
        if (host.indexOf(':') >= 0) {
            throw new InvalidAddressException("an IPv6 address needs brackets, followed by a port: '" + text + "'");
        }
        return host;
    }

    private static int portOf(String text, String port) {
        if (port.isEmpty() || port.length() > 5 || !port.chars().allMatch(c -> c >= '0' && c <= '9')) {
            throw new InvalidAddressException("'" + port + "' is not a port in '" + text + "'");
        }
        return Integer.parseInt(port);
    }

    /**
     * Checks a host alone. It does not have to exist.
     *
     * @throws InvalidAddressException if nobody can connect to such a host
     */
    public static void checkHost(String host) {
        if (host.isEmpty()) {
            throw new InvalidAddressException("an address needs a host");
        }
        if (host.startsWith("[") || !isHost(host)) {
            throw new InvalidAddressException(
                    "not a host: '" + host + "'. Allowed are IP addresses, and names of letters, digits, '-' and '.'");
        }
    }

    /** By the rule of gRPC, which makes no channel to anything else: no underscores, and no letters but those of ASCII. */
    private static boolean isHost(String host) {
        try {
            String read = new URI(null, null, host, 1, null, null, null).getHost();
            return host.equals(read) || ("[" + host + "]").equals(read);
        } catch (URISyntaxException e) {
            return false;
        }
    }

    /** What {@link #parse} reads. */
    @Override
    public String toString() {
        return host.indexOf(':') >= 0 ? "[" + host + "]:" + port : host + ":" + port;
    }
}
