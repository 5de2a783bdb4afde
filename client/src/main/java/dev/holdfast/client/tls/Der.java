package dev.holdfast.client.tls;

import java.util.Arrays;

/** The little of DER that turns a key of OpenSSL's own formats (RFC 8017, RFC 5915) into PKCS#8 (RFC 5958), which Java reads. */
final class Der {
    private static final byte INTEGER = 2;
    private static final byte OCTETS = 4;
    private static final byte SEQUENCE = 0x30;

    /**
     * PKCS#8 names the algorithm, and wraps the key.
     *
     * @param key as RFC 8017 or RFC 5915 has it
     * @param publicKey its other half, as X.509 has it: it begins with the name of the algorithm
     * @throws IllegalArgumentException if that is malformed
     */
    static byte[] pkcs8(byte[] key, byte[] publicKey) {
        int start = contentAt(publicKey, 0);
        byte[] algorithm = Arrays.copyOfRange(publicKey, start, endOf(publicKey, start));
        byte[] version = wrap(INTEGER, new byte[] {0});
        return wrap(SEQUENCE, join(version, algorithm, wrap(OCTETS, key)));
    }

    private static int contentAt(byte[] der, int at) {
        if (at + 1 >= der.length || der[at] != SEQUENCE) {
            throw new IllegalArgumentException("not a sequence");
        }
        int first = der[at + 1] & 0xff;
        return at + 2 + (first < 0x80 ? 0 : first & 0x7f);
    }

    private static int endOf(byte[] der, int at) {
        int content = contentAt(der, at);
        int length = 0;
        if (content == at + 2) {
            length = der[at + 1];
        } else {
            for (int i = at + 2; i < content; i++) {
                length = (length << 8) | (der[i] & 0xff);
            }
        }
        if (length < 0 || length > der.length - content) {
            throw new IllegalArgumentException("too short");
        }
        return content + length;
    }

    private static byte[] wrap(byte tag, byte[] content) {
        int length = content.length;
        byte[] header = length < 0x80
                ? new byte[] {tag, (byte) length}
                : new byte[] {tag, (byte) 0x82, (byte) (length >> 8), (byte) length};
        return join(header, content);
    }

    private static byte[] join(byte[]... parts) {
        byte[] all = new byte[0];
        for (byte[] part : parts) {
            int end = all.length;
            all = Arrays.copyOf(all, end + part.length);
            System.arraycopy(part, 0, all, end, part.length);
        }
        return all;
    }

    private Der() {}
}
