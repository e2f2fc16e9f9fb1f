"""The section `[export]`: which ad platforms are told what a lead is worth, and how."""

from __future__ import annotations

from pathlib import Path
from typing import Literal, Self

from pydantic import Field, SecretStr, model_validator

from leadworth.consent import STRICT
from leadworth.settings_section import Names, Section

STAGES = ("lead", "qualified", "won", "lost", "junk")
"""Stages of a lead that a platform can be told: sent, taken up by sales, won, lost, found to be junk."""
NO_TOKEN = SecretStr("")


class Actions(Section):
    """What a platform calls the stages; a stage without a name is not told."""

    lead: str = Field("", description="Form sent")
    qualified: str = Field("", description="Taken up by sales")
    won: str = Field("", description="Closed-won")
    lost: str = Field("", description="Closed-lost; GA4 only")
    junk: str = Field("", description="Found to be junk; GA4 only")

    def named(self) -> dict[str, str]:
        """Return the name of each stage that has one."""
        return {stage: name for stage in STAGES if (name := getattr(self, stage))}


class Platform(Section):
    """What every platform needs."""

    endpoint: str = Field("", description="Address of the service; left out: the platform's own")
    requests_per_minute: int = Field(60, gt=0, description="Requests a minute, of all workers together")


class GoogleExport(Platform):
    """Google Ads through the Data Manager API."""

    requests_per_minute: int = Field(250, gt=0, description="Requests a minute; Google allows 300 a project")
    version: str = Field("v1", description="Version of the API")
    customer: str = Field("", description="Account that owns the conversion actions: 10 digits; left out: not used")
    login_customer: str = Field("", description="Manager account through which you have access, if any")
    actions: Actions = Field(Actions(), description="Ids of conversion actions (numbers) by stage")
    credentials: Path | None = Field(None, description="Key file of a service account; left out: the machine's own")
    transport: Literal["grpc", "rest"] = Field("grpc", description="How the official client talks")
    restate_days: int = Field(54, gt=0, le=90, description="Age up to which a value is restated")


class GoogleAdsExport(Platform):
    """Google Ads API, for developer tokens that may still upload click conversions."""

    version: str = Field("v26", description="Version of the API")
    customer: str = Field("", description="Account that owns the conversion actions: 10 digits; left out: not used")
    login_customer: str = Field("", description="Manager account through which you have access, if any")
    actions: Actions = Field(Actions(), description="Ids of conversion actions (numbers) by stage")
    developer_token: SecretStr = Field(NO_TOKEN, description="Developer token")
    credentials: Path | None = Field(None, description="Key file of a service account; left out: the machine's own")


class MetaExport(Platform):
    """Meta Conversions API, events of a CRM."""

    version: str = Field("v26.0", description="Version of the Graph API")
    dataset: str = Field("", description="Id of the dataset; left out: not used")
    token: SecretStr = Field(NO_TOKEN, description="Access token")
    actions: Actions = Field(
        Actions(lead="Lead", qualified="Qualified", won="Converted"), description="Event names by stage"
    )
    crm: str = Field("leadworth", description="Name of your CRM, as Meta shows it")


class LinkedInExport(Platform):
    """LinkedIn Conversions API."""

    version: str = Field("202610", description="Version of the API (LinkedIn-Version), year and month")
    actions: Actions = Field(Actions(), description="Ids of conversion rules by stage; left out: not used")
    token: SecretStr = Field(NO_TOKEN, description="Access token")


class MicrosoftExport(Platform):
    """Microsoft Advertising offline conversions and their adjustments."""

    version: str = Field("v13", description="Version of the API")
    account: str = Field("", description="Id of the account; left out: not used")
    customer: str = Field("", description="Id of the customer")
    actions: Actions = Field(Actions(), description="Names of offline conversion goals by stage")
    developer_token: SecretStr = Field(NO_TOKEN, description="Developer token")
    client: str = Field("", description="Client id of your OAuth application")
    client_secret: SecretStr = Field(NO_TOKEN, description="Its secret, if it has one")
    refresh_token: SecretStr = Field(NO_TOKEN, description="Refresh token of the user who gave access")
    login: str = Field(
        "https://login.microsoftonline.com/common/oauth2/v2.0/token", description="Where tokens are refreshed"
    )


class TikTokExport(Platform):
    """TikTok Events API, events of a CRM."""

    version: str = Field("v1.3", description="Version of the API")
    event_set: str = Field("", description="Id of the CRM event set; left out: not used")
    token: SecretStr = Field(NO_TOKEN, description="Access token")
    actions: Actions = Field(
        Actions(lead="Lead", qualified="QualifiedLead", won="ConvertedLead"), description="Event names by stage"
    )
    crm: str = Field("leadworth", description="Name of your CRM, as TikTok shows it")
    window_days: int = Field(7, gt=0, description="Age up to which an event is sent")


class Ga4Export(Platform):
    """Google Analytics 4, with its recommended lead events."""

    measurement: str = Field("", description="Measurement id, G-...; left out: not used")
    property: str = Field("", description="Id of the property; for the Data Manager API")
    via: Literal["data_manager", "measurement_protocol"] = Field(
        "data_manager", description="The Measurement Protocol never says whether it understood, and has no receipt"
    )
    api_secret: SecretStr = Field(NO_TOKEN, description="Secret of the Measurement Protocol")
    credentials: Path | None = Field(None, description="Key file of a service account; left out: the machine's own")
    transport: Literal["grpc", "rest"] = Field("grpc", description="How the official client talks")
    actions: Actions = Field(
        Actions(
            lead="generate_lead", qualified="qualify_lead", won="close_convert_lead", lost="close_unconvert_lead",
            junk="disqualify_lead",
        ),
        description="Event names by stage",
    )  # fmt: skip


class FileExport(Section):
    """A file of conversions in the platform's own template, for an upload by hand or by schedule."""

    actions: Actions = Field(Actions(), description="Names of conversion actions by stage; left out: not used")
    folder: Path = Field(Path("exports"), description="Where the files are written")


class ConsentExport(Section):
    """What counts where nobody recorded whether a person agreed."""

    assume_granted_in: Names = Field(
        (), description="Countries (two letters) where no record counts as granted; none of the EEA, UK, Switzerland"
    )

    @model_validator(mode="after")
    def _not_strict(self) -> Self:
        strict = sorted(STRICT & {country.upper() for country in self.assume_granted_in})
        if strict:
            raise ValueError(f"consent cannot be assumed in {', '.join(strict)}: the law there asks for a record")
        return self


class ExportSettings(Section):
    """What the ad platforms are told of a lead's worth."""

    qualified_stages: Names = Field(
        (), description="Stages of the CRM that mean qualified; left out: those of [outcomes] engaged that are not won"
    )
    cap: float | None = Field(
        None, gt=0, description="Expected values above it are cut; all are raised so that the mean stays"
    )
    least: float = Field(1.0, gt=0, description="What a genuine lead is worth at least, in `currency`")
    most_shift: float = Field(
        0.2, gt=0, le=1, description="Share by which a new model may move a channel's mean without approval"
    )
    restate_from: float = Field(0.1, ge=0, description="Share by which a value must change to be restated")
    keep_days: float = Field(90.0, gt=0, description="How long identifiers are kept for restatements, sealed")
    lease_seconds: float = Field(120.0, gt=1, description="After that, what a worker took is taken over by another")
    timeout_seconds: float = Field(20.0, gt=0, description="Longest wait for a platform's answer")
    retry_seconds: float = Field(5.0, gt=0, description="Longest wait before the second attempt; doubles each time")
    most_attempts: int = Field(20, gt=0, description="Attempts after which an event is given up")
    consent: ConsentExport = ConsentExport()
    google: GoogleExport = GoogleExport()
    google_ads: GoogleAdsExport = GoogleAdsExport()
    meta: MetaExport = MetaExport()
    linkedin: LinkedInExport = LinkedInExport()
    microsoft: MicrosoftExport = MicrosoftExport()
    tiktok: TikTokExport = TikTokExport()
    ga4: Ga4Export = Ga4Export()
    google_file: FileExport = FileExport()
    microsoft_file: FileExport = FileExport()

    @model_validator(mode="after")
    def _lease_outlasts_answer(self) -> Self:
        if self.lease_seconds <= 2 * self.timeout_seconds:
            raise ValueError("[export] lease_seconds must be more than twice timeout_seconds")
        return self
