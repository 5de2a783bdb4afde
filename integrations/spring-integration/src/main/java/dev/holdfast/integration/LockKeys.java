package dev.holdfast.integration;

import dev.holdfast.client.Lockable;
import dev.holdfast.client.LockableKeys;
import dev.holdfast.client.errors.LockRequestRejectedException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Which lockable a key of the framework's is. Different keys are different lockables: a string is the second of two parts, and any
 * other value the third of three, after its type or the name of the hash, and lists of parts are never confused.
 */
final class LockKeys {
    private static final String HASH = "sha-256";

    /** Final classes whose {@code toString} differs for whatever their {@code equals} tells apart. */
    private static final Set<Class<?>> PLAIN = Set.of(
            Boolean.class,
            Character.class,
            Byte.class,
            Short.class,
            Integer.class,
            Long.class,
            BigInteger.class,
            BigDecimal.class,
            UUID.class);

    private final String region;

    LockKeys(String region) {
        this.region = region;
        // A region that leaves no room for a key is refused here, and not when the first long key comes.
        hashed("", "");
    }

    String region() {
        return region;
    }

    Lockable of(Object key) {
        if (key instanceof String text) {
            return lockable(String.class.getName(), text, List.of(region, text));
        }
        if (key instanceof Enum<?> constant) {
            return typed(constant.getDeclaringClass(), constant.name());
        }
        if (PLAIN.contains(key.getClass())) {
            return typed(key.getClass(), key.toString());
        }
        throw new IllegalArgumentException(
                "A " + key.getClass().getName() + " cannot be the key of a lock, since its text may not tell"
                        + " it from others. Pass a String, a number, a UUID or an enum constant.");
    }

    private Lockable typed(Class<?> type, String text) {
        return lockable(type.getName(), text, List.of(region, type.getName(), text));
    }

    private Lockable lockable(String type, String text, List<String> parts) {
        Lockable plain = text.isEmpty() ? null : orNull(LockableKeys.join(parts));
        return plain == null ? hashed(type, text) : plain;
    }

    private @Nullable Lockable orNull(String key) {
        try {
            return new Lockable(region, key);
        } catch (LockRequestRejectedException unfit) {
            return null;
        }
    }

    private Lockable hashed(String type, String text) {
        return new Lockable(region, LockableKeys.join(List.of(region, HASH, sha256(type + ":" + text))));
    }

    // Of the characters themselves: UTF-8 has no bytes for half a pair, and would take two texts for one.
    private static String sha256(String text) {
        byte[] bytes = new byte[2 * text.length()];
        for (int i = 0; i < text.length(); i++) {
            bytes[2 * i] = (byte) (text.charAt(i) >> 8);
            bytes[2 * i + 1] = (byte) text.charAt(i);
        }
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
