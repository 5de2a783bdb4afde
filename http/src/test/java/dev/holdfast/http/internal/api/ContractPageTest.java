package dev.holdfast.http.internal.api;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.yaml.snakeyaml.Yaml;

/**
 * The contract as people read it says what the contract says. To make it again after a change of {@code openapi.yaml}:
 * {@code mvn test -pl http -am -Dtest=ContractPageTest -Dsurefire.failIfNoSpecifiedTests=false -Dholdfast.write-contract-page=true}.
 */
class ContractPageTest {
    private static final Path FOLDER = Path.of("src/main/resources/dev/holdfast/http");
    private static final Path PAGE = FOLDER.resolve("page/contract.html");

    @Test
    void the_page_is_that_of_this_contract() throws Exception {
        Map<String, Object> contract = new Yaml().load(Files.readString(FOLDER.resolve("openapi.yaml")));
        String page = ContractPage.of(contract);
        if (Boolean.getBoolean("holdfast.write-contract-page")) {
            Files.writeString(PAGE, page);
        }
        assertThat(Files.readString(PAGE))
                .as("the page is older than the contract; the Javadoc of this test says how to make it again")
                .isEqualTo(page);
    }

    @Test
    void each_link_within_it_leads_somewhere() throws Exception {
        String page = Files.readString(PAGE);
        Set<String> ids = found("id=\"([^\"]*)\"", page);
        assertThat(ids).contains("acquire", "schema-Problem");
        assertThat(found("href=\"#([^\"]*)\"", page)).isSubsetOf(ids).hasSizeGreaterThan(20);
        assertThat(page).doesNotContain(">null<").doesNotContain("{$ref");
    }

    private static Set<String> found(String pattern, String text) {
        Set<String> found = new HashSet<>();
        Matcher matcher = Pattern.compile(pattern).matcher(text);
        while (matcher.find()) {
            assertThat(found.add(matcher.group(1)) || pattern.startsWith("href"))
                    .as(matcher.group())
                    .isTrue();
        }
        return found;
    }
}
