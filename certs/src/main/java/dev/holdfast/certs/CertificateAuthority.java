package dev.holdfast.certs;

import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Date;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x500.X500NameBuilder;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.CertIOException;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509ExtensionUtils;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/**
 * Issues certificates for the members of a cluster and for its clients: the root is its own certificate, which all of them trust. Keys are
 * of the curve P-256.
 *
 * <p>Certificates say whose they are in a URI among their alternative names: {@code holdfast:member:ID} or {@code holdfast:client:NAME}.
 *
 * <p>Whoever has the key of this authority can be any member and any client. Keep it where neither runs.
 *
 * <p>Thread-safe.
 */
public final class CertificateAuthority {
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9._@+~-]{1,64}");
    private static final Pattern IP = Pattern.compile("\\d{1,3}(\\.\\d{1,3}){3}|[0-9A-Fa-f.]*:[0-9A-Fa-f:.]*");
    private static final Pattern DNS = Pattern.compile("(\\*\\.)?[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?");
    private static final Pattern IPV4_LOOPBACK = Pattern.compile("127(\\.\\d{1,3}){3}");
    private static final List<String> LOOPBACK = List.of("localhost", "127.0.0.1", "::1");
    private static final int SERIAL_BITS = 127;
    private static final SecureRandom RANDOM = new SecureRandom();

    private final Credentials root;

    private CertificateAuthority(Credentials root) {
        this.root = root;
    }

    /**
     * A new one, with a new key.
     *
     * @param name what people read in its certificate
     */
    public static CertificateAuthority create(String name, Validity validity) {
        KeyPair keys = newKeys();
        X500Name self =
                new X500NameBuilder(BCStyle.INSTANCE).addRDN(BCStyle.CN, name).build();
        X509v3CertificateBuilder builder = builder(self, self, keys.getPublic(), validity);
        try {
            JcaX509ExtensionUtils ids = new JcaX509ExtensionUtils();
            builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(0))
                    .addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.keyCertSign | KeyUsage.cRLSign))
                    .addExtension(
                            Extension.subjectKeyIdentifier, false, ids.createSubjectKeyIdentifier(keys.getPublic()));
        } catch (GeneralSecurityException | CertIOException e) {
            throw new IllegalStateException("the certificate of \"" + name + "\" cannot be made", e);
        }
        return new CertificateAuthority(new Credentials(sign(builder, keys.getPrivate()), keys.getPrivate()));
    }

    /**
     * One that was {@linkplain #credentials written} before.
     *
     * @throws IOException if a file cannot be read or is something else, or the two do not fit together
     */
    public static CertificateAuthority read(Path certificate, Path key) throws IOException {
        Credentials root = Credentials.readPem(certificate, key);
        if (root.certificate().getBasicConstraints() < 0) {
            throw new IOException(certificate + " is not the certificate of an authority");
        }
        return new CertificateAuthority(root);
    }

    /** What all members and clients trust. */
    public X509Certificate certificate() {
        return root.certificate();
    }

    /** Its certificate and key, to be written. */
    public Credentials credentials() {
        return root;
    }

    /**
     * For a member: it proves to other members which one it is, and to clients that they talk to that host.
     *
     * @param id the member's, as in the cluster's list
     * @param hosts names and IP addresses at which others reach it. If one of them is loopback, so is {@code localhost}, and both
     *     loopback addresses
     * @throws IllegalArgumentException if the id or a host is malformed, or there is no host
     */
    public Credentials member(String id, Collection<String> hosts, Validity validity) {
        checkName("member id", id);
        if (hosts.isEmpty()) {
            throw new IllegalArgumentException("member " + id + " has no host");
        }
        List<GeneralName> names = new ArrayList<>();
        names.add(uri("holdfast:member:" + id));
        withLoopback(hosts).forEach(host -> names.add(host(host)));
        return issue(id, names, validity, KeyPurposeId.id_kp_serverAuth, KeyPurposeId.id_kp_clientAuth);
    }

    /**
     * For a client. An administrator's is no different: the cluster knows by the name what it may.
     *
     * @throws IllegalArgumentException if the name has other characters than ASCII letters, digits and {@code . _ @ + ~ -}, or more
     *     than 64
     */
    public Credentials client(String name, Validity validity) {
        checkName("client's name", name);
        return issue(name, List.of(uri("holdfast:client:" + name)), validity, KeyPurposeId.id_kp_clientAuth);
    }

    private Credentials issue(String name, List<GeneralName> names, Validity validity, KeyPurposeId... purposes) {
        KeyPair keys = newKeys();
        X500Name subject =
                new X500NameBuilder(BCStyle.INSTANCE).addRDN(BCStyle.CN, name).build();
        X500Name issuer =
                X500Name.getInstance(certificate().getSubjectX500Principal().getEncoded());
        X509v3CertificateBuilder builder = builder(issuer, subject, keys.getPublic(), validity);
        try {
            JcaX509ExtensionUtils ids = new JcaX509ExtensionUtils();
            builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(false))
                    .addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.digitalSignature))
                    .addExtension(Extension.extendedKeyUsage, false, new ExtendedKeyUsage(purposes))
                    .addExtension(
                            Extension.subjectAlternativeName,
                            false,
                            new GeneralNames(names.toArray(GeneralName[]::new)))
                    .addExtension(
                            Extension.subjectKeyIdentifier, false, ids.createSubjectKeyIdentifier(keys.getPublic()))
                    .addExtension(
                            Extension.authorityKeyIdentifier, false, ids.createAuthorityKeyIdentifier(certificate()));
        } catch (GeneralSecurityException | CertIOException e) {
            throw new IllegalStateException("the certificate of \"" + name + "\" cannot be made", e);
        }
        return new Credentials(sign(builder, root.key()), keys.getPrivate());
    }

    private static X509v3CertificateBuilder builder(
            X500Name issuer, X500Name subject, PublicKey key, Validity validity) {
        BigInteger serial = new BigInteger(SERIAL_BITS, RANDOM).add(BigInteger.ONE);
        return new JcaX509v3CertificateBuilder(
                issuer, serial, Date.from(validity.from()), Date.from(validity.until()), subject, key);
    }

    private static X509Certificate sign(X509v3CertificateBuilder builder, PrivateKey key) {
        try {
            String algorithm = key.getAlgorithm().equals("RSA") ? "SHA256withRSA" : "SHA256withECDSA";
            return new JcaX509CertificateConverter()
                    .getCertificate(builder.build(new JcaContentSignerBuilder(algorithm).build(key)));
        } catch (OperatorCreationException | GeneralSecurityException e) {
            throw new IllegalStateException("the certificate cannot be signed", e);
        }
    }

    private static KeyPair newKeys() {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp256r1"), RANDOM);
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this Java runtime has no curve P-256", e);
        }
    }

    private static Set<String> withLoopback(Collection<String> hosts) {
        Set<String> all = new LinkedHashSet<>(hosts);
        if (hosts.stream().anyMatch(CertificateAuthority::isLoopback)) {
            all.addAll(LOOPBACK);
        }
        return all;
    }

    private static boolean isLoopback(String host) {
        return LOOPBACK.contains(host.toLowerCase(Locale.ROOT))
                || IPV4_LOOPBACK.matcher(host).matches();
    }

    private static GeneralName host(String host) {
        if (IP.matcher(host).matches()) {
            return new GeneralName(GeneralName.iPAddress, host);
        }
        if (!DNS.matcher(host).matches()) {
            throw new IllegalArgumentException("\"" + host + "\" is neither a host's name nor an IP address");
        }
        return new GeneralName(GeneralName.dNSName, host);
    }

    private static GeneralName uri(String uri) {
        return new GeneralName(GeneralName.uniformResourceIdentifier, uri);
    }

    private static void checkName(String what, String name) {
        if (!NAME.matcher(name).matches()) {
            throw new IllegalArgumentException(
                    what + " \"" + name + "\": 1 to 64 ASCII letters, digits, and any of . _ @ + ~ - are allowed");
        }
    }
}
