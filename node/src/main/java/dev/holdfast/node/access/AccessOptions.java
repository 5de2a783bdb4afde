package dev.holdfast.node.access;

import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * How a peer knows its clients, and whether it must. A client proves who it is, its <em>principal</em>, by a certificate, a token
 * from a {@linkplain TokenFile file}, or a {@linkplain JwtOptions JWT}. Whoever gives several is taken for whom the token names.
 * Credentials that are given are checked, also where none are required: wrong ones are refused.
 *
 * <p>All members should have the same: each judges the clients that talk to it.
 *
 * @param required whether a client has to prove who it is. If not, everybody may do everything. If so, a client may what the
 *     rules of the cluster say, and nothing else
 * @param admins principals that may do everything, whatever the rules say, so that somebody can make the first rule
 * @param tokensFile the file with tokens; {@code null} if there is none
 * @param jwt which JWTs are accepted; {@code null} if none are
 */
public record AccessOptions(
        boolean required,
        Set<String> admins,
        @Nullable Path tokensFile,
        @Nullable JwtOptions jwt) {

    /** @throws IllegalArgumentException if an admin's name cannot be a principal's */
    public AccessOptions {
        admins = Set.copyOf(admins);
        for (String admin : admins) {
            String problem = PrincipalNames.problem(admin);
            if (problem != null) {
                throw new IllegalArgumentException("the name of an admin " + problem + ": '" + admin + "'");
            }
        }
    }

    /** Nobody has to say who they are, and everybody may do everything. */
    public static AccessOptions open() {
        return new AccessOptions(false, Set.of(), null, null);
    }

    /** Everybody has to prove who they are, and may only do what rules say. */
    public static AccessOptions closed() {
        return new AccessOptions(true, Set.of(), null, null);
    }

    public AccessOptions withAdmins(String... names) {
        return new AccessOptions(required, new LinkedHashSet<>(List.of(names)), tokensFile, jwt);
    }

    public AccessOptions withTokensFile(Path file) {
        return new AccessOptions(required, admins, file, jwt);
    }

    public AccessOptions withJwt(JwtOptions accepted) {
        return new AccessOptions(required, admins, tokensFile, accepted);
    }
}
