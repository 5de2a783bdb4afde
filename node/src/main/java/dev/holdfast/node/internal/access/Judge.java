package dev.holdfast.node.internal.access;

import dev.holdfast.protocol.Command.Acknowledge;
import dev.holdfast.protocol.Command.Acquire;
import dev.holdfast.protocol.Command.AcquireAll;
import dev.holdfast.protocol.Command.Attach;
import dev.holdfast.protocol.Command.CancelAcquire;
import dev.holdfast.protocol.Command.ClientCommand;
import dev.holdfast.protocol.Command.CloseSession;
import dev.holdfast.protocol.Command.Drain;
import dev.holdfast.protocol.Command.EndSession;
import dev.holdfast.protocol.Command.ExpireIn;
import dev.holdfast.protocol.Command.Extend;
import dev.holdfast.protocol.Command.ForceRelease;
import dev.holdfast.protocol.Command.Leave;
import dev.holdfast.protocol.Command.OpenSession;
import dev.holdfast.protocol.Command.Release;
import dev.holdfast.protocol.Command.RequestRelease;
import dev.holdfast.protocol.LockableKey;
import dev.holdfast.protocol.Owner;
import dev.holdfast.protocol.OwnerBinding;
import dev.holdfast.protocol.Query;
import dev.holdfast.protocol.Role;
import dev.holdfast.protocol.Rule;
import dev.holdfast.protocol.SessionId;
import java.util.Locale;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Which right each command and each query takes. What is not listed here takes {@code admin}.
 *
 * <p>Under its own session anybody may close it, take an acquire back, and acknowledge; and whoever opened a session may end it.
 *
 * <p>See {@code docs/adr/015-principals-and-rules.md}.
 */
final class Judge {
    private static final Pattern PLAIN_IN_SHELL = Pattern.compile("[\\p{L}\\p{N} @:/._+,=-]*");
    private static final Pattern SPECIAL_IN_QUOTES = Pattern.compile("[\"\\\\$`]");

    private final Principal principal;
    private final Rights rights;

    Judge(Principal principal, Rights rights) {
        this.principal = principal;
        this.rights = rights;
    }

    /**
     * What is missing, in words for the one who asked.
     *
     * @param ownerOf the principal of a session; empty if it has none or is not open
     * @return {@code null} if nothing is
     */
    @Nullable
    String missing(ClientCommand command, Function<SessionId, String> ownerOf) {
        if (command instanceof Acquire acquire) {
            return toLock(acquire.lockable(), acquire.owner());
        } else if (command instanceof Release release) {
            return toLock(release.lockable(), release.owner());
        } else if (command instanceof Extend extend) {
            return toLock(extend.lockable(), extend.owner());
        } else if (command instanceof Acknowledge
                || command instanceof CancelAcquire
                || command instanceof CloseSession) {
            return null;
        } else if (command instanceof AcquireAll several) {
            return toLockAll(several);
        } else if (command instanceof Attach attach) {
            return toLock(attach.lockable(), attach.owner());
        } else if (command instanceof Leave leave) {
            return toLock(leave.lockable(), leave.owner());
        } else if (command instanceof ExpireIn expire) {
            return toLock(expire.lockable(), expire.owner());
        } else if (command instanceof Drain drain) {
            return toLock(drain.lockable(), drain.owner());
        } else if (command instanceof RequestRelease request) {
            return to(Role.LOCK, request.lockable());
        } else if (command instanceof ForceRelease force) {
            return to(Role.FORCE, force.lockable());
        } else if (command instanceof OpenSession) {
            return toOpenSession();
        } else if (command instanceof EndSession end) {
            return principal.name().equals(ownerOf.apply(end.session()))
                    ? null
                    : toAdminister("other people's sessions");
        }
        return toAdminister("the rules");
    }

    /** The same for a query. Listings are asked by anybody, and show what may be seen. */
    @Nullable
    String missing(Query query) {
        if (query instanceof Query.Inspect inspect) {
            return to(Role.READ, inspect.lockable());
        } else if (query instanceof Query.History history) {
            return to(Role.READ, history.lockable());
        } else if (query instanceof Query.ListLockables
                || query instanceof Query.ListSessions
                || query instanceof Query.Rules
                || query instanceof Query.Summary) {
            return null;
        }
        return toAdminister("the audit");
    }

    /** The same for what tells something of all keys. */
    @Nullable
    String missingToReadAll() {
        return rights.may(Role.READ, "")
                ? null
                : "principal " + principal + " lacks 'read' on all keys: an admin can grant it with '"
                        + command(Role.READ, "") + "'";
    }

    private @Nullable String toOpenSession() {
        return rights.isNone()
                ? "principal " + principal + " has no rights here: an admin can grant some, as with '"
                        + command(Role.LOCK, "") + "'"
                : null;
    }

    private @Nullable String toLockAll(AcquireAll several) {
        for (LockableKey lockable : several.lockables()) {
            String missing = toLock(lockable, several.owner());
            if (missing != null) {
                return missing;
            }
        }
        return null;
    }

    private @Nullable String toLock(LockableKey lockable, Owner owner) {
        if (rights.mayLock(lockable.key(), owner)) {
            return null;
        }
        return rights.may(Role.LOCK, lockable.key())
                ? "principal " + principal + " may lock '" + lockable.key()
                        + "' only for owners that have its name, as their id or within, and not for '" + owner + "'"
                : missing(Role.LOCK, lockable);
    }

    private @Nullable String to(Role role, LockableKey lockable) {
        return rights.may(role, lockable.key()) ? null : missing(role, lockable);
    }

    private String missing(Role role, LockableKey lockable) {
        String key = lockable.key();
        String prefix = key.substring(0, key.lastIndexOf('/') + 1);
        return "principal " + principal + " lacks '" + name(role) + "' on '" + key + "': an admin can grant it with '"
                + command(role, prefix.isEmpty() ? key : prefix) + "'";
    }

    private @Nullable String toAdminister(String what) {
        return rights.isAdmin()
                ? null
                : "principal " + principal + " lacks 'admin', as it takes for " + what
                        + ": an admin can grant it with '" + command(Role.ADMIN, "") + "'";
    }

    private String command(Role role, String prefix) {
        return "holdfast rules add " + inShell(new Rule(principal.name(), role, prefix, OwnerBinding.ANY).toString());
    }

    /** A shell would put something else in the place of a star or a dollar sign, and take quotes away. */
    private static String inShell(String rule) {
        return PLAIN_IN_SHELL.matcher(rule).matches()
                ? rule
                : '"' + SPECIAL_IN_QUOTES.matcher(rule).replaceAll("\\\\$0") + '"';
    }

    private static String name(Role role) {
        return role.name().toLowerCase(Locale.ROOT);
    }
}
