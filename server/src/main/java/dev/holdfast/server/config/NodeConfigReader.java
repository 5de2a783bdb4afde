package dev.holdfast.server.config;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigOrigin;
import com.typesafe.config.ConfigParseOptions;
import com.typesafe.config.ConfigRenderOptions;
import com.typesafe.config.ConfigSyntax;
import com.typesafe.config.ConfigUtil;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueFactory;
import dev.holdfast.client.remote.HostPort;
import dev.holdfast.node.Member;
import dev.holdfast.node.MemberProblem;
import dev.holdfast.node.access.AccessOptions;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Reads a configuration file, in HOCON, and what overrides it: a system property {@code holdfast.x.y-z} wins over an
 * environment variable {@code HOLDFAST_X_Y_Z}, that over the file, and the file over the default. Overrides apply
 * before references are resolved, so a file may say {@code data = "data/"${holdfast.id}}.
 *
 * <p>A system property or a key of the file that begins with {@code holdfast} and is unknown is an error. An unknown
 * environment variable is not: Kubernetes sets some of its own for a service of that name.
 */
public final class NodeConfigReader {
    private static final int SHOWN_MAX = 200;
    private static final String PERMISSION =
            "TLS (" + Settings.ROOT + ".tls), or " + Settings.INSECURE.key() + " = true";

    private final Path file;
    private final List<String> problems = new ArrayList<>();

    private NodeConfigReader(Path file) {
        this.file = file;
    }

    /**
     * Reads the file. Looks up the members' hosts, which may block.
     *
     * @throws InvalidConfigException if it cannot be read or is wrong; the message names every problem
     */
    public static NodeConfig read(Path file, Map<String, String> properties, Map<String, String> environment)
            throws InvalidConfigException {
        NodeConfigReader reader = new NodeConfigReader(file);
        try {
            return reader.read(properties, environment);
        } catch (ConfigException.UnresolvedSubstitution e) {
            throw new InvalidConfigException(List.of(e.getMessage() + hint(String.valueOf(e.getMessage()))));
        } catch (ConfigException e) {
            // A syntax error of the library's, which begins with file and line.
            throw new InvalidConfigException(List.of(String.valueOf(e.getMessage())));
        }
    }

    /** One file may serve all members, and leave the id to the command line or the environment. */
    private static String hint(String message) {
        return Settings.ALL.stream()
                .filter(setting -> message.contains("${" + setting.key() + "}"))
                .map(setting -> "; set it in the file, by -D" + setting.key() + ", or by " + setting.variable())
                .findFirst()
                .orElse("");
    }

    private NodeConfig read(Map<String, String> properties, Map<String, String> environment)
            throws InvalidConfigException {
        if (!Files.isRegularFile(file) || !Files.isReadable(file)) {
            throw new InvalidConfigException(
                    List.of(file + ": " + (Files.exists(file) ? "is not a readable file" : "there is no such file")));
        }
        Config config = parse(file);
        for (Setting<?> setting : Settings.ALL) {
            config = override(
                    config, setting, environment.get(setting.variable()), "environment variable " + setting.variable());
        }
        for (Setting<?> setting : Settings.ALL) {
            config = override(config, setting, properties.get(setting.key()), "system property -D" + setting.key());
        }
        Config resolved = config.resolve();
        checkProperties(properties);
        checkKeys("", resolved.root());
        NodeConfig result = build(resolved);
        if (result == null || !problems.isEmpty()) {
            throw new InvalidConfigException(problems);
        }
        return result;
    }

    private static Config parse(Path file) {
        return ConfigFactory.parseFile(
                file.toFile(),
                ConfigParseOptions.defaults().setSyntax(ConfigSyntax.CONF).setAllowMissing(false));
    }

    private static Config override(Config config, Setting<?> setting, @Nullable String text, String origin) {
        return text == null
                ? config
                : ConfigValueFactory.fromAnyRef(text, origin)
                        .atPath(setting.key())
                        .withFallback(config);
    }

    private void checkProperties(Map<String, String> properties) {
        properties.keySet().stream()
                .filter(key -> key.startsWith(Settings.ROOT + ".") && !isKnown(key))
                .sorted()
                .forEach(key -> unknown("system property -D" + key, key));
    }

    private void checkKeys(String prefix, ConfigObject object) {
        object.forEach((name, value) -> {
            String key = prefix + (prefix.isEmpty() ? "" : ".") + ConfigUtil.joinPath(name);
            if (isKnown(key)) {
                return;
            }
            boolean leadsToKnown =
                    Settings.ALL.stream().anyMatch(setting -> setting.key().startsWith(key + "."));
            if (leadsToKnown && value instanceof ConfigObject below) {
                checkKeys(key, below);
            } else {
                unknown(where(value), key);
            }
        });
    }

    private void unknown(String where, String key) {
        problems.add(where + ": there is no setting " + key + "; did you mean " + Settings.nearest(key) + "?");
    }

    private static boolean isKnown(String key) {
        return Settings.ALL.stream().anyMatch(setting -> setting.key().equals(key));
    }

    private @Nullable NodeConfig build(Config config) {
        String id = value(config, Settings.ID);
        List<Read<Member>> members = value(config, Settings.MEMBERS);
        String listen = value(config, Settings.LISTEN);
        Boolean join = value(config, Settings.JOIN);
        String data = value(config, Settings.DATA);
        String clusterName = value(config, Settings.CLUSTER_NAME);
        Long groups = value(config, Settings.GROUPS);
        Boolean insecure = value(config, Settings.INSECURE);
        String secretFile = value(config, Settings.SECRET_FILE);
        Duration electionMin = value(config, Settings.ELECTION_TIMEOUT_MIN);
        Duration electionMax = value(config, Settings.ELECTION_TIMEOUT_MAX);
        Long snapshotEvery = value(config, Settings.SNAPSHOT_EVERY);
        Long snapshotEveryBytes = value(config, Settings.SNAPSHOT_EVERY_BYTES);
        Long logKept = value(config, Settings.LOG_KEPT);
        Optional<HostPort> http = value(config, Settings.HTTP_LISTEN);
        LogFormat logFormat = value(config, Settings.LOG_FORMAT);
        Optional<Duration> slow = value(config, Settings.LOG_SLOW);
        Boolean jmx = value(config, Settings.JMX);
        Duration drainTimeout = value(config, Settings.DRAIN_TIMEOUT);
        SecurityReader security = new SecurityReader(new Source(config));
        SecurityReader.NodeTls tls = security.tls();
        AccessOptions access = security.access();
        MembersConfig membership = new MembersReader(new Source(config)).read(Boolean.TRUE.equals(join));
        if (members != null && insecure != null) {
            boolean beyondLoopback = insecure || (tls.members() != null && tls.clients() != null);
            checkMembers(members, beyondLoopback);
            members.stream()
                    .map(Read::value)
                    .filter(member -> listen != null && member.id().equals(id))
                    .findFirst()
                    .ifPresent(self -> checkListen(config, self, Objects.requireNonNull(listen), beyondLoopback));
        }
        if (members != null
                && id != null
                && members.stream().noneMatch(member -> member.value().id().equals(id))) {
            problems.add(place(config, Settings.ID) + ": " + Settings.ID.key() + " is \"" + id + "\"; allowed: "
                    + String.join(
                            ", ",
                            members.stream().map(member -> member.value().id()).toList())
                    + ", the ids of " + Settings.MEMBERS.key());
        }
        if (electionMin != null && electionMax != null && electionMin.compareTo(electionMax) >= 0) {
            problems.add(
                    place(config, Settings.ELECTION_TIMEOUT_MAX) + ": " + Settings.ELECTION_TIMEOUT_MAX.key() + " is "
                            + electionMax.toMillis() + " ms; allowed: more than " + Settings.ELECTION_TIMEOUT_MIN.key()
                            + ", which is " + electionMin.toMillis() + " ms");
        }
        if (id == null
                || members == null
                || listen == null
                || join == null
                || membership == null
                || data == null
                || clusterName == null
                || groups == null
                || insecure == null
                || secretFile == null
                || access == null
                || electionMin == null
                || electionMax == null
                || snapshotEvery == null
                || snapshotEveryBytes == null
                || logKept == null
                || http == null
                || logFormat == null
                || slow == null
                || jmx == null
                || drainTimeout == null) {
            return null;
        }
        return new NodeConfig(
                id,
                members.stream().map(Read::value).toList(),
                listen,
                join,
                membership,
                file(data),
                clusterName,
                groups.intValue(),
                insecure,
                secretFile.isEmpty() ? null : file(secretFile),
                tls.members(),
                tls.clients(),
                tls.requireClientCertificate(),
                access,
                electionMin,
                electionMax,
                snapshotEvery,
                snapshotEveryBytes,
                logKept,
                http.orElse(null),
                logFormat,
                slow.orElse(Duration.ZERO),
                jmx,
                drainTimeout);
    }

    private Path file(String name) {
        return file.toAbsolutePath().resolveSibling(name).normalize();
    }

    /** The setting's value, or {@code null} after its problem was noted. */
    private <T> @Nullable T value(Config config, Setting<T> setting) {
        ConfigValue said = said(config, setting);
        if (said == null) {
            problems.add(where(config.root()) + ": " + setting.key() + " is missing; allowed: " + setting.allowed());
            return null;
        }
        try {
            return setting.reader().read(said);
        } catch (Readers.WrongPartException e) {
            problems.add(where(e.part()) + ": " + setting.key() + ": " + e.getMessage());
        } catch (IllegalArgumentException e) {
            problems.add(where(said) + ": " + setting.key() + " is " + shown(said) + "; allowed: " + setting.allowed());
        }
        return null;
    }

    private static @Nullable ConfigValue said(Config config, Setting<?> setting) {
        return config.hasPath(setting.key()) ? config.getValue(setting.key()) : setting.standardValue();
    }

    private void checkMembers(List<Read<Member>> members, boolean beyondLoopback) {
        List<Member> values = members.stream().map(Read::value).toList();
        MemberProblem.in(values, beyondLoopback, PERMISSION)
                .forEach(problem -> problems.add(
                        where(members.get(problem.index()).said()) + ": " + Settings.MEMBERS.key() + ": " + problem));
    }

    private void checkListen(Config config, Member self, String listen, boolean beyondLoopback) {
        String where = place(config, Settings.LISTEN) + ": " + Settings.LISTEN.key();
        try {
            Member listening = self.at(listen);
            MemberProblem problem =
                    listening.equals(self) ? null : MemberProblem.ofListening(listening, beyondLoopback, PERMISSION);
            if (problem != null) {
                problems.add(where + ": " + problem);
            }
        } catch (IllegalArgumentException e) {
            problems.add(
                    where + " is \"" + listen + "\": " + e.getMessage() + "; allowed: " + Settings.LISTEN.allowed());
        }
    }

    private String place(Config config, Setting<?> setting) {
        ConfigValue said = said(config, setting);
        return where(said == null ? config.root() : said);
    }

    private String where(ConfigValue value) {
        ConfigOrigin origin = value.origin();
        if (origin.filename() == null) {
            return value instanceof ConfigObject ? file.toString() : origin.description();
        }
        // The file as it was named, unless the value is from a file that it includes.
        String name = Path.of(origin.filename()).equals(file) ? file.toString() : origin.filename();
        return origin.lineNumber() < 1 || value instanceof ConfigObject ? name : name + ":" + origin.lineNumber();
    }

    private static String shown(ConfigValue value) {
        String text = value.render(ConfigRenderOptions.concise());
        return text.length() <= SHOWN_MAX ? text : text.substring(0, SHOWN_MAX) + "...";
    }

    private final class Source implements SecurityReader.Source {
        private final Config config;

        Source(Config config) {
            this.config = config;
        }

        @Override
        public <T> @Nullable T value(Setting<T> setting) {
            return NodeConfigReader.this.value(config, setting);
        }

        @Override
        public void problem(Setting<?> setting, String what) {
            ConfigValue place = config.hasPath(setting.key()) ? config.getValue(setting.key()) : config.root();
            problems.add(where(place) + ": " + setting.key() + " " + what);
        }

        @Override
        public Path file(String name) {
            return NodeConfigReader.this.file(name);
        }
    }
}
