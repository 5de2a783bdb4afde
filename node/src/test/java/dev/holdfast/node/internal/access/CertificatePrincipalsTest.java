package dev.holdfast.node.internal.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.certs.CertificateAuthority;
import dev.holdfast.certs.Validity;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class CertificatePrincipalsTest {
    private static final CertificateAuthority CA = CertificateAuthority.create("elsewhere", Validity.ofDays(1));

    private final CertificatePrincipals names = new CertificatePrincipals(Set.of("a", "b")::contains);

    private static X509Certificate member(String id) {
        return CA.member(id, List.of("127.0.0.1"), Validity.ofDays(1)).certificate();
    }

    private static X509Certificate client(String name) {
        return CA.client(name, Validity.ofDays(1)).certificate();
    }

    @Test
    void a_client_s_certificate_names_the_client() throws Exception {
        assertThat(names.of(client("alice"))).isEqualTo(new Principal("alice", Set.of()));
    }

    @Test
    void one_without_a_uri_of_ours_names_a_client_by_its_common_name() throws Exception {
        assertThat(names.of(CA.certificate())).isEqualTo(new Principal("elsewhere", Set.of()));
    }

    @Test
    void a_member_s_certificate_names_that_member_and_no_client_of_its_name() throws Exception {
        assertThat(names.of(member("a"))).isEqualTo(Principal.member("a"));
    }

    @Test
    void one_of_a_member_that_is_not_of_this_cluster_is_refused() {
        assertThatThrownBy(() -> names.of(member("x")))
                .isInstanceOfSatisfying(
                        DeniedException.class, e -> assertThat(e.denial()).isEqualTo(Denial.NOT_A_MEMBER))
                .hasMessage("the certificate is that of member 'x', and there is none here");
    }
}
