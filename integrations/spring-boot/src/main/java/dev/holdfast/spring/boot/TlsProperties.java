package dev.holdfast.spring.boot;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The files of one side of TLS.
 *
 * @param certificate File in PEM with the own certificate, followed by those between it and the root.
 * @param key File in PEM with the key of the certificate, not encrypted.
 * @param trust File in PEM with the roots that have signed the certificates of the others.
 * @param store PKCS#12 store, instead of certificate and key.
 * @param storePasswordFile File whose first line is the password of the store.
 * @param protocols Versions of TLS that are spoken: TLSv1.3, TLSv1.2; TLSv1.3 if none is given.
 */
public record TlsProperties(
        @Nullable String certificate,
        @Nullable String key,
        @Nullable String trust,
        @Nullable String store,
        @Nullable String storePasswordFile,
        @Nullable List<String> protocols) {}
