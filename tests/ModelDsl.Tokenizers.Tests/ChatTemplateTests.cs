using System.Text.Json;
using ModelDsl.Tokenizers.Chat;

namespace ModelDsl.Tokenizers.Tests;

public class ChatTemplateTests
{
    private static readonly ChatMessage[] Talk = [new("system", "Be brief."), new("user", "Hi <b>"), new("assistant", " Hello "), new("user", "Bye")];

    private static string Render(string template, object? value = null) =>
        ChatTemplate.Parse(template).Render(new Dictionary<string, object?> { ["x"] = value });

    [Fact]
    public void ChatMl()
    {
        const string template = "{% for message in messages %}{{'<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>' + '\n'}}{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}";
        Assert.Equal(
            "<|im_start|>system\nBe brief.<|im_end|>\n<|im_start|>user\nHi <b><|im_end|>\n<|im_start|>assistant\n Hello <|im_end|>\n<|im_start|>user\nBye<|im_end|>\n<|im_start|>assistant\n",
            ChatTemplate.Parse(template).Render(Talk, addGenerationPrompt: true));
    }

    [Fact]
    public void LlamaTwo()
    {
        const string template = "{% if messages[0]['role'] == 'system' %}{% set loop_messages = messages[1:] %}{% set system_message = messages[0]['content'] %}{% else %}{% set loop_messages = messages %}{% set system_message = false %}{% endif %}{% for message in loop_messages %}{% if (message['role'] == 'user') != (loop.index0 % 2 == 0) %}{{ raise_exception('Conversation roles must alternate user/assistant/user/assistant/...') }}{% endif %}{% if loop.index0 == 0 and system_message != false %}{% set content = '<<SYS>>\\n' + system_message + '\\n<</SYS>>\\n\\n' + message['content'] %}{% else %}{% set content = message['content'] %}{% endif %}{% if message['role'] == 'user' %}{{ bos_token + '[INST] ' + content.strip() + ' [/INST]' }}{% elif message['role'] == 'assistant' %}{{ ' '  + content.strip() + ' ' + eos_token }}{% endif %}{% endfor %}";
        var variables = new Dictionary<string, object?> { ["bos_token"] = "<s>", ["eos_token"] = "</s>" };
        Assert.Equal("<s>[INST] <<SYS>>\nBe brief.\n<</SYS>>\n\nHi <b> [/INST] Hello </s><s>[INST] Bye [/INST]", ChatTemplate.Parse(template).Render(Talk, variables: variables));
        Assert.Contains("alternate", Assert.Throws<ChatTemplateException>(() => ChatTemplate.Parse(template).Render([new("user", "a"), new("user", "b")], variables: variables)).Message);
    }

    [Fact]
    public void BlocksAreTrimmedAsHuggingFaceDoes()
    {
        const string template = "{%- for m in messages %}\n    {%- if m.role == 'user' %}\n        {{- '[' ~ m.content ~ ']' }}\n    {%- endif %}\n{%- endfor %}\n  {% set a = 1 %}\nend {# gone #}\n";
        Assert.Equal("[Hi <b>][Bye]end ", ChatTemplate.Parse(template).Render(Talk));
    }

    [DataFact]
    public void TheTemplateOfAPublicTokenizer()
    {
        using var config = JsonDocument.Parse(TestData.Bytes("tokenizers/huggingface/added-tokens/tokenizer_config.json"));
        var template = ChatTemplate.Parse(config.RootElement.GetProperty("chat_template").GetString()!);
        Assert.Equal("<s><|user|>\nHi<|end|>\n<|assistant|>\nHello<|end|>\n",
            template.Render([new("user", "Hi"), new("assistant", "Hello")], variables: new Dictionary<string, object?> { ["bos_token"] = "<s>" }));
    }

    [Theory]
    [InlineData("{{ 1 + 2 * 3 }}", "7")]
    [InlineData("{{ 7 // 2 }} {{ -7 // 2 }} {{ -7 % 3 }} {{ 7 / 2 }}", "3 -4 2 3.5")]
    [InlineData("{{ 'abc'[1:] }}{{ 'abc'[-1] }}{{ [1, 2, 3][::-1] }}", "bcc[3, 2, 1]")]
    [InlineData("{{ {'a': 1, 'b': [true, none]} | tojson }}", "{\"a\": 1, \"b\": [true, null]}")]
    [InlineData("{{ x is defined }} {{ y is defined }} {{ y is not none }}", "True False True")]
    [InlineData("{{ 'a' if x else 'b' }}", "b")]
    [InlineData("{% set ns = namespace(n=0) %}{% for i in range(4) %}{% set ns.n = ns.n + i %}{% endfor %}{{ ns.n }}", "6")]
    [InlineData("{% for k, v in {'a': 1}.items() %}{{ k }}={{ v }}{% endfor %}", "a=1")]
    [InlineData("{% for i in [] %}x{% else %}none{% endfor %}", "none")]
    [InlineData("{% for i in range(9) %}{% if i == 2 %}{% continue %}{% endif %}{% if i == 4 %}{% break %}{% endif %}{{ i }}{% endfor %}", "013")]
    [InlineData("{% macro f(a, b='!') %}{{ a }}{{ b }}{% endmacro %}{{ f('x') }}{{ f('y', b='?') }}", "x!y?")]
    [InlineData("{{ ['b', 'a'] | sort | join(',') }}{{ '  x ' | trim | upper }}", "a,bX")]
    [InlineData("{{ [{'r': 'u'}, {'r': 'a'}] | selectattr('r', 'equalto', 'u') | list | length }}", "1")]
    [InlineData("{{ 'ab' in 'cab' and 'z' not in ['y'] }}", "True")]
    [InlineData("{% if not x and (1 < 2 or false) %}yes{% elif x %}no{% endif %}", "yes")]
    [InlineData("{{ y | default('d') }}{{ 'a-b'.split('-')[1] }}{{ 'x'.startswith(('a', 'x')) }}", "dbTrue")]
    [InlineData("{% set t %}a{{ 1 }}{% endset %}{{ t * 2 }}", "a1a1")]
    public void Expressions(string template, string expected) => Assert.Equal(expected, Render(template));

    [Theory]
    [InlineData("a\n{% frob %}", "Line 2", "frob")]
    [InlineData("{{ a | frob }}", "Line 1", "frob")]
    [InlineData("{% if a %}", "Line 1", "endif")]
    [InlineData("{{ a ", "Line 1", "never closed")]
    [InlineData("{% endfor %}", "Line 1", "closes nothing")]
    [InlineData("{{ 'a }}", "Line 1", "never closed")]
    public void MalformedTemplatesAreNamedAtTheirLine(string template, string line, string what)
    {
        var error = Assert.Throws<ChatTemplateException>(() => ChatTemplate.Parse(template));
        Assert.Contains(line, error.Message);
        Assert.Contains(what, error.Message);
    }
}
