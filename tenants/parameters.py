"""Team and team user settings (reference: "The Team config parameters", "The Team User config parameters")."""

from erp.core.parameters import Parameter, ParameterSet

TEAM = ParameterSet(
    (
        Parameter("currency", "link", 51, model="various.Currency"),
        Parameter("timezone", "link", 76, model="various.Timezone"),
    )
)
TEAM_USER = ParameterSet(())
