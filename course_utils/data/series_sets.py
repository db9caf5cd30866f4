"""The rows of the catalogue that are series in time."""

from __future__ import annotations

from course_utils.data.data_set import DataSet, RemoteFile

SUNSPOTS = DataSet(
    name="sunspots",
    title="Yearly sunspot numbers, 1700 to 2008",
    read_by="course_utils.data.sunspots.yearly_sunspots",
    licence="public domain",
    origin="NOAA National Geophysical Data Center (today NCEI), Solar Data Services",
    url="https://www.ngdc.noaa.gov/stp/solar/solarda3.html",
    package="statsmodels",
    package_size=2_944,
)

CO2 = DataSet(
    name="co2",
    title="Atmospheric CO2 at Mauna Loa, weekly, 1958 to 2001",
    read_by="course_utils.data.co2.monthly_co2",
    licence="public domain",
    origin=(
        "Keeling, C. D. and Whorf, T. P. (2004). Atmospheric CO2 concentrations derived from flask air samples at "
        "sites in the SIO network. In Trends: A Compendium of Data on Global Change. Carbon Dioxide Information "
        "Analysis Center, Oak Ridge National Laboratory"
    ),
    url="http://cdiac.ornl.gov/trends/co2/sio-keel-flask/sio-keel-flaskmlo_c.html",
    package="statsmodels",
    package_size=33_974,
)

TEMPERATURE = DataSet(
    name="temperature",
    title="Hourly temperature normals of Seattle",
    read_by="course_utils.data.temperature.hourly_temperature",
    licence="public domain",
    origin="NOAA, U.S. Hourly Climate Normals 1981-2010, Seattle-Tacoma International Airport (USW00024233)",
    url="https://www.ncdc.noaa.gov/cdo-web/datasets/NORMAL_HLY/stations/GHCND:USW00024233/detail",
    package="vega-datasets",
    package_size=192_707,
)

EMPLOYMENT = DataSet(
    name="employment",
    title="People in work in the United States by industry, monthly, 2006 to 2015",
    read_by="course_utils.data.employment.us_employment",
    licence="public domain",
    origin="U.S. Bureau of Labor Statistics, Current Employment Statistics, seasonally adjusted",
    url="https://www.bls.gov/ces/",
    package="vega-datasets",
    package_size=17_841,
)

TRANSFORMERS = DataSet(
    name="transformers",
    title="Load and oil temperature of two transformers, hourly",
    read_by="course_utils.data.electricity.transformer",
    licence="CC BY-ND 4.0",
    origin=(
        "Zhou, H., Zhang, S., Peng, J., Zhang, S., Li, J., Xiong, H. and Zhang, W. (2021). Informer: beyond efficient "
        "Transformer for long sequence time-series forecasting. AAAI; the sets ETTh1 and ETTh2"
    ),
    url="https://github.com/zhouhaoyi/ETDataset",
    files=(
        RemoteFile(
            name="ETTh1.csv",
            url="https://raw.githubusercontent.com/zhouhaoyi/ETDataset/main/ETT-small/ETTh1.csv",
            sha256="f18de3ad269cef59bb07b5438d79bb3042d3be49bdeecf01c1cd6d29695ee066",  # of the bytes that were read
            size=2_589_657,
        ),
        RemoteFile(
            name="ETTh2.csv", url="https://raw.githubusercontent.com/zhouhaoyi/ETDataset/main/ETT-small/ETTh2.csv"
        ),
    ),
)

ELECTRICITY = DataSet(
    name="electricity",
    title="Hourly electricity use of 321 clients, 2012 to 2014",
    read_by="course_utils.data.electricity.electricity_use",
    licence="CC BY 4.0",
    origin=(
        "Trindade, A. (2015). ElectricityLoadDiagrams20112014. UCI Machine Learning Repository; hourly, as kept by "
        "Lai, G., Chang, W.-C., Yang, Y. and Liu, H. (2018). Modeling long- and short-term temporal patterns. SIGIR"
    ),
    url="https://archive.ics.uci.edu/dataset/321",
    files=(
        RemoteFile(
            name="electricity.txt.gz",
            url=(
                "https://raw.githubusercontent.com/laiguokun/multivariate-time-series-data/master/electricity/"
                "electricity.txt.gz"
            ),
        ),
    ),
)
