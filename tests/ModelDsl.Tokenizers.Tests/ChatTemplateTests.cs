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
    [InlineData("{{ 9007199254740993 // 1 }} {{ -7 // -2 }} {{ 7 % -3 }} {{ 7.5 // 2 }}", "9007199254740993 3 -2 3.0")]
    [InlineData("{{ 'a.b.c'.split('.', 1) }}{{ ' a  b c '.split(none, 1) }}{{ 'a\nb\n'.splitlines() }}", "['a', 'b.c']['a', 'b c ']['a', 'b']")]
    [InlineData("{{ 'aaa'.replace('a', 'bb', 2) }} {{ 'abab'.count('ab') }} {{ 'xaxx'.strip('x') }}", "bbbba 2 a")]
    [InlineData("{{ [1, 2, 3][::9223372036854775807] }}{{ 'abc'[::-2] }}{{ [1, 2][5::-1] }}", "[1]ca[2, 1]")]
    [InlineData("{{ {'a': 1, 'a': 2} }}{{ {'a': [1]} == {'a': [1.0]} }}{{ {'a': 1} == {'b': 1} }}", "{'a': 2}TrueFalse")]
    [InlineData("{{ ['\ud83d\ude00', '\ud800', 1.0, 'a\"\n'] | tojson }}", "[\"\ud83d\ude00\", \"\ud800\", 1.0, \"a\\\"\\n\"]")]
    [InlineData("{% set l = [1, 2, 3] %}{{ l.pop(0) }}{{ l.pop() }}{{ l }}", "13[2]")]
    [InlineData("{% for i in [1, 2, 3] %}{% set a %}{% if i == 2 %}{% break %}{% endif %}{{ i }}{% endset %}{{ a }}{% endfor %}", "1")]
    public void Expressions(string template, string expected) => Assert.Equal(expected, Render(template));

    [Theory]
    [InlineData("a\n{% frob %}", 2, 4, "frob")]
    [InlineData("{{ a | frob }}", 1, 8, "frob")]
    [InlineData("{% if a %}", 1, 11, "endif")]
    [InlineData("\n {{ a ", 2, 2, "never closed")]
    [InlineData("{% endfor %}", 1, 1, "closes nothing")]
    [InlineData("{{ 'a }}", 1, 4, "never closed")]
    [InlineData("{{ 'a\nb' +\n }}", 3, 2, "expected a value")]
    public void MalformedTemplatesAreNamedAtTheirPlace(string template, int line, int column, string what)
    {
        var error = Assert.Throws<ChatTemplateException>(() => ChatTemplate.Parse(template));
        Assert.Equal((line, column), (error.Line, error.Column));
        Assert.Contains(what, error.Message);
    }

    [Theory]
    [InlineData("a\n {{ x.foo() }}", 2, 6, "'foo'")]
    [InlineData("{% for i in range(3) %}\n{{ 1 // (1 - i) }}{% endfor %}", 2, 6, "division by zero")]
    [InlineData("{{ [1] < 'a' }}", 1, 8, "compared")]
    [InlineData("{{ 1 + raise_exception('no such role') }}", 1, 23, "no such role")]
    public void FailuresWhileRenderingAreNamedAtTheirPlace(string template, int line, int column, string what)
    {
        var error = Assert.Throws<ChatTemplateException>(() => Render(template, "text"));
        Assert.Equal((line, column), (error.Line, error.Column));
        Assert.Contains(what, error.Message);
    }
}
